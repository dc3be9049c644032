package represent

// PathActing is the page on which a person sees for whom she may act.
const PathActing = "/acting"

// The notices of this block.
type (
	// Said tells somebody that another says she acts for him.
	Said struct{ Name, Path string }
	// SaidOf tells who leads a business that another says he leads it, too.
	SaidOf struct{ Name, Of, Path string }
	// Confirmed says that an officer found the paper right.
	Confirmed struct{ Name, Path string }
	// NotConfirmed says that he did not, and why.
	NotConfirmed struct{ Name, Why, Path string }
	// Offered asks somebody to act for a business.
	Offered struct{ Name, By, Path string }
	// Changed says that one's rights for a business are others now.
	Changed struct{ Name, By, Path string }
	// Over says that they have ended.
	Over struct{ Name, By, Path string }
)

func (Said) NoticeKind() string         { return "represent.said" }
func (SaidOf) NoticeKind() string       { return "represent.said-of" }
func (Confirmed) NoticeKind() string    { return "represent.confirmed" }
func (NotConfirmed) NoticeKind() string { return "represent.not-confirmed" }
func (Offered) NoticeKind() string      { return "represent.offered" }
func (Changed) NoticeKind() string      { return "represent.changed" }
func (Over) NoticeKind() string         { return "represent.over" }
