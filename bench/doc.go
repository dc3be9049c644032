// Command bench measures the program on this machine and writes bench/out/latest.json:
//
//	go run ./bench                    everything
//	go run ./bench -only submit_act   one measure (a comma separates several)
//	go run ./bench -quick             short runs, for a look
//
// It runs on a private PostgreSQL with the settings of production, in a temporary folder that is
// removed at the end. Where there is a reference, ours and the reference run in turns; what is
// reported is the median of the pairs, and the noise is how far the reference's own runs lie apart.
package main
