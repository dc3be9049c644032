package notifypage

import (
	"net/http"

	"datmui/blocks/notify"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// pathMails is where a demonstration shows the e-mails it does not send.
const pathMails = "/demo/mail"

type mailsView struct {
	ui.Frame
	list []notify.Kept
}

func (p *Pages) mailsSent(w http.ResponseWriter, r *http.Request) error {
	v := mailsView{Frame: frame(r)}
	var err error
	if v.list, err = p.mails.Newest(50); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, mailsPage(v))
}
