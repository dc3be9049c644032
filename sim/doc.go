// Package sim is the outside world's other ends, played for demonstrations and tests: they speak
// the real protocols to the province and say on every page what they play. The players run in a
// program of their own, bin/datmui-sim; this package is the little that the program which starts
// them needs. Nothing here knows the province: only kit is imported.
package sim
