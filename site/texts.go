package site

import (
	"embed"

	"datmui/kit/lang"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }
