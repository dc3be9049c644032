package sandbox

import (
	"fmt"
	"io"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"datmui/blocks/files"
)

// wasmPages bounds PDFium's own memory to 384 MiB, in pages of 64 KiB.
const wasmPages = 6144

type engine struct {
	pool  pdfium.Pool
	cache wazero.CompilationCache
}

// openPDFium compiles PDFium, or takes it compiled from the cache.
func openPDFium(cache string) (*engine, error) {
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(wasmPages)
	p := &engine{}
	if cache != "" {
		c, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("opening the compiled PDFium: %w", err)
		}
		p.cache, config = c, config.WithCompilationCache(c)
	}
	pool, err := webassembly.Init(webassembly.Config{MinIdle: 1, MaxIdle: 1, MaxTotal: 1, RuntimeConfig: config,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		return nil, fmt.Errorf("starting PDFium: %w", err)
	}
	p.pool = pool
	return p, nil
}

func (p *engine) Close() error { return p.pool.Close() }

type pdfDoc struct {
	in    pdfium.Pdfium
	ref   references.FPDF_DOCUMENT
	pages int
}

// open reads the file. Whatever PDFium cannot make sense of is broken, and so is what is
// locked: nobody at the counter could read it.
func (p *engine) open(data []byte) (*pdfDoc, error) {
	in, err := p.pool.GetInstance(5 * time.Second)
	if err != nil {
		return nil, fmt.Errorf("starting PDFium: %w", err)
	}
	doc, err := in.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return nil, broken(fmt.Sprintf("no PDF: %v", err))
	}
	n, err := in.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		return nil, broken(fmt.Sprintf("no PDF: %v", err))
	}
	if n.PageCount < 1 || n.PageCount > maxPages {
		return nil, broken(fmt.Sprintf("a PDF of %d pages", n.PageCount))
	}
	return &pdfDoc{in: in, ref: doc.Document, pages: n.PageCount}, nil
}

// draw draws a page, from 0, fitted into a box, with its form fields and signatures.
func (d *pdfDoc) draw(page, width, height int, use func(drawn) error) error {
	if page < 0 || page >= d.pages {
		return broken(fmt.Sprintf("no page %d", page+1))
	}
	flags := enums.FPDF_RENDER_FLAG_ANNOT
	if width >= int(files.ForPrint) { // a printer has no greys: at its fineness edges are drawn as it sets them
		flags |= enums.FPDF_RENDER_FLAG_RENDER_NO_SMOOTHTEXT | enums.FPDF_RENDER_FLAG_RENDER_NO_SMOOTHPATH
	}
	r, err := d.in.RenderPageInPixels(&requests.RenderPageInPixels{Width: width, Height: height,
		RenderFlags: flags, RenderForm: true, Document: &d.ref,
		Page: requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: page}}})
	if err != nil {
		return broken(fmt.Sprintf("page %d: %v", page+1, err))
	}
	defer r.Cleanup()
	return use(r.Result.RenderedImage)
}
