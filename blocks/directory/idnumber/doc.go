// Package idnumber judges the numbers by which people and organisations are known here:
// personal numbers, old identity cards, tax codes, insurance cards and telephone numbers.
//
// It judges form only. A number that is formed well may still belong to nobody, and a personal
// number may be cancelled and given anew: never a primary key, never a unique index without a
// condition.
//
// law: public-services.md 13 and 16 — the formats; 18.2 A19–A21 — the worked checks.
package idnumber
