// Package sandbox looks into strangers' bytes in a child process: this program started again
// as "datmui sandbox", with limits on memory, time and files, an empty environment and a
// process group of its own. PDF is read by PDFium compiled to WebAssembly, which sees no
// folder and no network; pictures by the decoders of the
// standard library and of golang.org/x/image. What makes a scan hard to read is told, never refused.
//
// Each file has a child of its own, so that nothing of one person's file can reach another's.
// A child that dies of a file, by too much memory or computing, means that the file is broken
// (files.ErrBroken). A child that is merely slow says nothing of the file: the machine may be busy.
package sandbox

import "time"

// Limits of one child.
const (
	maxMemory  = 640 << 20   // bytes a child may write to
	maxAddress = 6 << 30     // bytes of addresses; Go and WebAssembly reserve far more than they use
	maxTime    = time.Minute // by the clock on the wall, until the child is given up
	maxCPU     = 15          // seconds of computing on a file
	warmCPU    = 90          // seconds of computing to compile PDFium
	maxWritten = 64 << 20    // bytes of any one file: the compiled PDFium is the only one
	maxInput   = 64 << 20    // bytes of a file looked into
	maxOutput  = 32 << 20    // bytes of a picture handed back
	maxPixels  = 64 << 20    // of a picture from outside
	maxPages   = 5000
	maxTIFF    = 500 // pages of a TIFF
	thumbEdge  = 320 // pixels
)
