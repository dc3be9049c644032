package verify_test

import (
	"bytes"
	"fmt"
)

// packedLetter is a letter whose objects lie in an object stream behind a cross-reference
// stream, as most programs write today.
func packedLetter() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	objs := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	head, body := "", ""
	for i, o := range objs {
		head += fmt.Sprintf("%d %d ", i+1, len(body))
		body += o + " "
	}
	contents := b.Len()
	text := "BT /F 12 Tf 90 700 Td (Hello) Tj ET"
	fmt.Fprintf(&b, "5 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", len(text), text)
	pack := b.Len()
	fmt.Fprintf(&b, "6 0 obj\n<</Type/ObjStm/N %d/First %d/Length %d>>\nstream\n%s%s\nendstream\nendobj\n",
		len(objs), len(head), len(head)+len(body), head, body)
	xref := b.Len()
	rows := []byte{0, 0, 0, 0}
	for i := range objs {
		rows = append(rows, 2, 0, 6, byte(i))
	}
	for _, off := range []int{contents, pack, xref} {
		rows = append(rows, 1, byte(off>>8), byte(off), 0)
	}
	fmt.Fprintf(&b, "7 0 obj\n<</Type/XRef/Size 8/W[1 2 1]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(rows), rows, xref)
	return b.Bytes()
}
