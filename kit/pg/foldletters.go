package pg

import "strings"

// named are the other Latin letters that fold by name, each before what it becomes, as the rules of
// PostgreSQL's unaccent have them: strokes, hooks, ligatures, small capitals, numerals, full width.
const named = "Ĳ ij ĳ ij ĸ q Ŀ l ŀ l ŉ 'n Ŋ n ŋ n ſ s ƀ b Ɓ b Ƃ b ƃ b Ƈ c ƈ c Ɖ d Ɗ d Ƌ d ƌ d Ɛ e Ƒ f ƒ f Ɠ g ƕ hv Ɩ i Ɨ i " +
	"Ƙ k ƙ k ƚ l Ɲ n ƞ n Ƣ oi ƣ oi Ƥ p ƥ p ƫ t Ƭ t ƭ t Ʈ t Ʋ v Ƴ y ƴ y Ƶ z ƶ z Ǆ dz ǅ dz ǆ dz Ǉ lj ǈ lj ǉ lj Ǌ nj " +
	"ǋ nj ǌ nj Ǥ g ǥ g Ǳ dz ǲ dz ǳ dz ȡ d Ȥ z ȥ z ȴ l ȵ n ȶ t ȷ j ȸ db ȹ qp Ⱥ a Ȼ c ȼ c Ƚ l Ⱦ t ȿ s ɀ z Ƀ b Ʉ u " +
	"Ɇ e ɇ e Ɉ j ɉ j Ɍ r ɍ r Ɏ y ɏ y ɓ b ɕ c ɖ d ɗ d ɛ e ɟ j ɠ g ɡ g ɢ g ɦ h ɧ h ɨ i ɪ i ɫ l ɬ l ɭ l ɱ m ɲ n ɳ n " +
	"ɴ n ɶ oe ɼ r ɽ r ɾ r ʀ r ʂ s ʈ t ʉ u ʋ v ʏ y ʐ z ʑ z ʙ b ʛ g ʜ h ʝ j ʟ l ʠ q ʣ dz ʥ dz ʦ ts ʪ ls ʫ lz ᴀ a " +
	"ᴁ ae ᴃ b ᴄ c ᴅ d ᴆ d ᴇ e ᴊ j ᴋ k ᴌ l ᴍ m ᴏ o ᴘ p ᴛ t ᴜ u ᴠ v ᴡ w ᴢ z ᵫ ue ᵬ b ᵭ d ᵮ f ᵯ m ᵰ n ᵱ p ᵲ r ᵳ r ᵴ s " +
	"ᵵ t ᵶ z ᵺ th ᵻ i ᵽ p ᵾ u ᶀ b ᶁ d ᶂ f ᶃ g ᶄ k ᶅ l ᶆ m ᶇ n ᶈ p ᶉ r ᶊ s ᶌ v ᶍ x ᶎ z ᶏ a ᶑ d ᶒ e ᶓ e ᶖ i ᶙ u ẚ a " +
	"ẜ s ẝ s ẞ ss Ỻ ll ỻ ll Ỽ v ỽ v Ỿ y ỿ y Ⅰ i Ⅱ ii Ⅲ iii Ⅳ iv Ⅴ v Ⅵ vi Ⅶ vii Ⅷ viii Ⅸ ix Ⅹ x Ⅺ xi Ⅻ xii Ⅼ l Ⅽ c " +
	"Ⅾ d Ⅿ m ⅰ i ⅱ ii ⅲ iii ⅳ iv ⅴ v ⅵ vi ⅶ vii ⅷ viii ⅸ ix ⅹ x ⅺ xi ⅻ xii ⅼ l ⅽ c ⅾ d ⅿ m Ⱡ l ⱡ l Ɫ l Ᵽ p Ɽ r ⱥ a " +
	"ⱦ t Ⱨ h ⱨ h Ⱪ k ⱪ k Ⱬ z ⱬ z Ɱ m ⱱ v Ⱳ w ⱳ w ⱴ v ⱸ e ⱺ o Ȿ s Ɀ z ꜰ f ꜱ s Ꜳ aa ꜳ aa Ꜵ ao ꜵ ao Ꜷ au ꜷ au Ꜹ av " +
	"ꜹ av Ꜻ av ꜻ av Ꜽ ay ꜽ ay Ꝁ k ꝁ k Ꝃ k ꝃ k Ꝅ k ꝅ k Ꝇ l ꝇ l Ꝉ l ꝉ l Ꝋ o ꝋ o Ꝍ o ꝍ o Ꝏ oo ꝏ oo Ꝑ p ꝑ p Ꝓ p ꝓ p " +
	"Ꝕ p ꝕ p Ꝗ q ꝗ q Ꝙ q ꝙ q Ꝟ v ꝟ v Ꝡ vy ꝡ vy Ꝥ th ꝥ th Ꝧ th ꝧ th ꝱ d ꝲ l ꝳ m ꝴ n ꝵ r ꝶ r ꝷ t Ꝺ d ꝺ d Ꝼ f ꝼ f Ꞇ t " +
	"ꞇ t Ꞑ n ꞑ n Ꞓ c ꞓ c Ꞡ g ꞡ g Ꞣ k ꞣ k Ꞥ n ꞥ n Ꞧ r ꞧ r Ꞩ s ꞩ s Ɦ h ﬀ ff ﬁ fi ﬂ fl ﬃ ffi ﬄ ffl ﬅ st ﬆ st Ａ a Ｂ b " +
	"Ｃ c Ｄ d Ｅ e Ｆ f Ｇ g Ｈ h Ｉ i Ｊ j Ｋ k Ｌ l Ｍ m Ｎ n Ｏ o Ｐ p Ｑ q Ｒ r Ｓ s Ｔ t Ｕ u Ｖ v Ｗ w Ｘ x Ｙ y Ｚ z ａ a ｂ b ｃ c " +
	"ｄ d ｅ e ｆ f ｇ g ｈ h ｉ i ｊ j ｋ k ｌ l ｍ m ｎ n ｏ o ｐ p ｑ q ｒ r ｓ s ｔ t ｕ u ｖ v ｗ w ｘ x ｙ y ｚ z " +
	"Ʀ r Ƕ hv Ƞ n Ɡ g Ɬ l Ɪ i Ʝ j Ʂ s Ᶎ z" // capitals whose small letters fold by name

func init() {
	list := strings.Fields(named)
	for i := 0; i < len(list); i += 2 {
		letters[[]rune(list[i])[0]] = list[i+1]
	}
}
