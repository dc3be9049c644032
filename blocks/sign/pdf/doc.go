// Package pdf reads PDF files defensively and adds to them by incremental updates, so that
// every byte that was there stays where it was. It knows nothing of cryptography: it
// reserves the place of a signature and says which bytes it covers.
//
// Reading is bounded: the number of values, the bytes unpacked from streams, the depth of
// nesting and the length of the chain of revisions all have limits, because the files come
// from strangers.
package pdf
