// Package pades signs PDF files as ETSI EN 319 142-1 writes it (PAdES B-B, and B-T with a
// time-stamp), and draws what Decree 30 wants to see on paper: the blue signature, the red
// seal, the number and the date.
package pades
