// Command bench measures the program on this machine and writes bench/out/latest.json:
//
//	make bench                            everything: an hour, most of it for loading dossiers
//	go run ./bench -only submit_act       one measure (a comma separates several)
//	go run ./bench -quick                 short runs and few dossiers, for a look
//	go run ./bench -dossiers 200000       lists no longer than this; the number is a multiple of 20,000
//	go run ./bench -keep DIR              loaded provinces stay in DIR and are not loaded again
//	go run ./bench -cpuprofile FILE       with a profile of the bench itself, where the act runs too
//
// What there is, with what must be kept:
//
//	signatures   B-T signatures a second, against the bare RSA operation      ratio ≥ 0.7
//	verify       signed files judged a second
//	submit_act   filings a second in process, against pgbench                 ratio ≥ 0.75
//	submit_http  filings a second over HTTP, against the same                 ratio ≥ 0.5
//	audit_cost   what the entry and its sealing take of the write rate        ≤ 30 %
//	sign_in      until 1,000 who begin within one second are all signed in    ≤ 60 s
//	start_warm   bin/datmui demo until /readyz answers                        ≤ 1 s
//	memory_idle  its resident memory when nothing happens                     ≤ 60 MB
//	memory_load  the highest under load                                       ≤ 300 MB
//	load_2m      2,000,000 dossiers loaded and sealed                         ≤ 45 minutes
//	list_p95     an office's list at 2,000,000 dossiers, against 200,000      ≤ 15 ms, ratio ≤ 1.5
//	desk_p95     an official's desk, likewise                                 ≤ 15 ms, ratio ≤ 1.5
//	search_p95   a search, likewise                                           ≤ 50 ms, ratio ≤ 1.5
//	procedure_search_p95  procedures by everyday words, against a tsquery      ≤ 20 ms
//	bulk_assign_10000  dossiers of an order given to an officer, against plain SQL
//	export_million     the most memory that an export of a million takes           ≤ 64 MB
//	office_day   11,000 officials, each asks once in 30 s, at 2,000,000 dossiers     p99 ≤ 100 ms, no error
//	page_render  a page from the whole handler
//
// It runs on private PostgreSQLs with the settings of production, in a temporary folder that is
// removed at the end; pgbench comes with Debian's postgresql. Where there is a reference, ours and
// the reference run in turns; what is reported is the median of the pairs, and the noise is how far
// the reference's own runs lie apart. Nothing else should run on the machine. A measure that could
// not be taken says why and has no figure; the command then ends with 1.
package main
