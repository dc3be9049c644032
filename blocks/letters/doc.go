// Package letters turns data into papers: state letters, forms and results as PDF, laid out
// as Decree 30/2020/NĐ-CP wants them. It knows no database and no use case; whoever calls it
// brings every word that stands on the paper.
//
//	letter, err := letters.Render(letters.Paper{
//		Issuer: "Ủy ban nhân dân phường An Xuyên", Symbol: "UBND-XNTTHN", Place: "An Xuyên",
//		Title: "Giấy xác nhận tình trạng hôn nhân",
//		Body:  []letters.Block{letters.Para("…")},
//		Signer: letters.Signer{Authority: []string{"TM. Ủy ban nhân dân"}, Position: "Chủ tịch", Name: "Nguyễn Văn A"},
//	})
//
// A letter comes with the places left open on it: number, date, signature, seal. The signing
// block puts fields exactly there before the first signature, so that leader, clerk and body
// may sign one after the other without breaking what was signed before.
//
// Papers are in Vietnamese: the language of the law they are issued under. The forms of the
// one-stop shop are typed structs (forms.go); results are data (results/*.toml), so that a
// new procedure needs no Go.
package letters
