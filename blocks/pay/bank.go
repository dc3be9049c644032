package pay

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"
)

// Bank is a bank that takes part in the transfer network.
type Bank struct {
	BIN       string // 6 digits
	Code      string // VietQR code
	ShortName string
	Name      string
	RenamedTo string // "" while the name holds
}

//go:embed data/banks.csv
var banksCSV string

var banks = sync.OnceValues(func() ([]Bank, map[string]Bank) {
	rows, err := csv.NewReader(strings.NewReader(banksCSV)).ReadAll()
	if err != nil {
		panic("pay: the shipped banks: " + err.Error())
	}
	var list []Bank
	byBIN := map[string]Bank{}
	for _, r := range rows[1:] {
		b := Bank{BIN: r[0], Code: r[1], ShortName: r[2], Name: r[3], RenamedTo: r[5]}
		list, byBIN[b.BIN] = append(list, b), b
	}
	return list, byBIN
})

// Banks are the banks known here; finance companies are not among them.
func Banks() []Bank { list, _ := banks(); return list }

// BankOf is the bank with a BIN.
func BankOf(bin string) (Bank, bool) {
	_, m := banks()
	b, ok := m[bin]
	return b, ok
}
