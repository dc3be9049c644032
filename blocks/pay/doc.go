// Package pay knows what is to be paid, how it can be paid, and whether it was.
//
// The upper half is pure: a Schedule is dated fee rules read from JSON and answers Fee for a
// procedure; BuildQR and ReadQR write and judge the transfer codes of Vietnamese banks. The
// lower half (Block) keeps bills, payments, receipts and refunds: a transfer is a claim until a
// cashier or a bank notice has matched it to the đồng.
//
//	pay.bill      what is owed for one dossier or order, with its lines
//	pay.payment   one confirmed or flagged payment, by its reference
//	pay.receipt   biên lai: 7-digit numbers per series, consecutive, voided by a record
//	pay.refund    money back: date, reason, account, approver
//
// Money is whole đồng everywhere.
//
// law: public-services.md 12 and 14 — fees by procedure, rule kinds, worked cases, VietQR, biên lai.
package pay
