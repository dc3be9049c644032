package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/pay"
	"datmui/kit/actor"
)

// given are the numbers of one dossier: they depend on what else happened before it, so a first
// walk over all histories counts and a second one writes.
type given struct{ code, result, receipt int32 }

// history tells one dossier as the bodies of its days would have handled it; it breaks off at the
// beginning of the as-of day.
type history struct {
	*services.Past
	y         *year
	r         *rand.Rand
	ctx       context.Context
	n         int
	def       services.Definition
	given     given
	applicant directory.Person
	receiving string
	competent string
	field     string
	at        time.Time // of the last act
	late      float64   // how much of its term the dossier takes
	err       error
	over      bool // the as-of day has come, or an error
}

// does runs one act at a time; after the end of what is known nothing happens any more.
func (h *history) does(at time.Time, act func(at time.Time) error) bool {
	if h.over {
		return false
	}
	if !at.Before(h.y.end) {
		h.over = true
		return false
	}
	if h.err = act(at); h.err != nil {
		h.over = true
		return false
	}
	h.at = at
	return true
}

// who draws an official with a right at a body.
func (h *history) who(right, body string, at time.Time) actor.Actor {
	field := ""
	if right == services.RightHandle {
		field = h.field
	}
	a, ok := h.y.staff.pick(h.r, right, body, field, at)
	if !ok {
		h.err, h.over = fmt.Errorf("nobody may %s at %s on %s", right, body, at.Format(time.DateOnly)), true
	}
	return a
}

// keeps gives the dossier to another officer, by the leader, when its officer has left meanwhile.
func (h *history) keeps(officer *actor.Actor, at time.Time) bool {
	if h.over || h.y.staff.holds(*officer, services.RightHandle, h.competent, at) {
		return !h.over
	}
	leader, next := h.who(services.RightDecide, h.competent, at), h.who(services.RightHandle, h.competent, at)
	*officer = next
	return !h.over && h.does(at, func(at time.Time) error {
		return h.Forward(leader, at, next, "Người thụ lý đã chuyển công tác")
	})
}

func (h *history) citizen() actor.Actor {
	return actor.Actor{ID: h.applicant.ID, Kind: actor.Citizen, Name: h.applicant.Name, Level: 2}
}

// after is a moment so many working minutes later.
func (h *history) after(from time.Time, minutes int) time.Time {
	t, err := h.y.work(from, minutes)
	if err != nil {
		h.err, h.over = err, true
	}
	return t
}

// soon is a moment within so many working minutes.
func (h *history) soon(least, most int) time.Time { return h.after(h.at, least+h.r.IntN(most-least+1)) }

func (h *history) chance(p float64) bool { return h.r.Float64() < p }

// run tells the whole history.
func (h *history) run() error {
	if !h.file() || !h.intake() {
		return h.rate()
	}
	if h.process() && h.finish() {
		h.handOver()
	}
	return h.rate()
}

func (h *history) file() bool {
	at := h.y.filed(h.n)
	if h.Channel == services.Online {
		return h.does(at, func(at time.Time) error { return h.Submit(h.ctx, h.citizen(), at) })
	}
	return h.does(at, func(at time.Time) error {
		who := h.who(services.RightReceive, h.receiving, at)
		if h.over {
			return h.err
		}
		return h.Intake(h.ctx, who, at)
	})
}

// intake goes on until the dossier is accepted; false when it ends or stays before that.
func (h *history) intake() bool {
	if h.State == services.Accepted {
		return h.fee()
	}
	if h.Channel == services.Online {
		switch u := h.r.Float64(); {
		case u < 0.035:
			h.does(h.soon(20, 400), func(at time.Time) error {
				why := reasons[h.r.IntN(len(reasons))]
				return h.Refuse(h.who(services.RightReceive, h.receiving, at), at, why.text, why.basis)
			})
			return false
		case u < 0.085:
			at := h.soon(20, 380)
			if !h.supplement(h.who(services.RightReceive, h.receiving, at), at) {
				return false
			}
		case u < 0.10:
			h.does(h.soon(5, 300), func(at time.Time) error { return h.Withdraw(h.citizen(), at, "Nộp nhầm thủ tục") })
			return false
		}
	}
	if h.FeeState == "unknown" && !h.setFee(h.soon(10, 200)) {
		return false
	}
	if h.FeeState == "due" && h.def.FeeMode == "prepaid" && !h.prepay() {
		return false
	}
	wait := 420
	if h.Channel != services.Online {
		wait = 25
	}
	if h.chance(0.03) {
		wait += 600 // the eight hours were missed
	}
	return h.does(h.soon(3, wait), func(at time.Time) error {
		return h.Accept(h.ctx, h.who(services.RightReceive, h.receiving, at), at)
	}) && h.fee()
}

// fee enters a fee that the schedule does not know, when the dossier has just been accepted.
func (h *history) fee() bool {
	return h.FeeState != "unknown" || h.setFee(h.soon(1, 10))
}

func (h *history) setFee(at time.Time) bool {
	return h.does(at, func(at time.Time) error {
		return h.SetFee(h.who(services.RightReceive, h.receiving, at), at, int64(10+5*h.r.IntN(9))*1000, "Mức thu của dữ liệu trình diễn")
	})
}

func (h *history) prepay() bool {
	if h.Channel == services.Online {
		if !h.does(h.soon(10, 200), func(at time.Time) error { return h.AskFee(h.who(services.RightReceive, h.receiving, at), at) }) {
			return false
		}
		if h.chance(0.03) {
			if h.chance(0.5) {
				h.does(h.soon(500, 3000), func(at time.Time) error { return h.Withdraw(h.citizen(), at, "Không còn nhu cầu") })
			} else {
				h.does(h.after(h.Term.PayBy, 60+h.r.IntN(400)), func(at time.Time) error {
					return h.Stop(h.who(services.RightDecide, h.competent, at), at, "Không nộp phí, lệ phí trong thời hạn đã thông báo", "Yêu cầu nộp phí, lệ phí đã gửi người nộp")
				})
			}
			return false
		}
		return h.pay(h.soon(15, 700), pay.Transfer)
	}
	return h.pay(h.soon(2, 15), pay.Cash)
}

func (h *history) pay(at time.Time, way pay.Way) bool {
	return h.does(at, func(at time.Time) error {
		return h.Pay(h.ctx, h.who(services.RightCash, h.receiving, at), at, way, fmt.Sprintf("demo-%s-%d", way, h.n), int(h.given.receipt))
	})
}

// supplement asks and, mostly, gets an answer.
func (h *history) supplement(who actor.Actor, at time.Time) bool {
	want := missing[h.r.IntN(len(missing))]
	if !h.does(at, func(at time.Time) error {
		return h.Ask(h.ctx, who, at, []services.Item{{Key: "supplement", What: want.text, How: "Nộp bổ sung tại Trung tâm hoặc trên CaMauG"}}, want.basis)
	}) {
		return false
	}
	if h.Step == services.StepApprove && !h.does(h.soon(5, 60), func(at time.Time) error {
		return h.ApproveAsk(h.ctx, h.who(services.RightDecide, h.competent, at), at)
	}) {
		return false
	}
	switch u := h.r.Float64(); {
	case u < 0.10: // not given within the thirty working days
		h.does(h.after(h.at, 31*480), h.Expire)
		return false
	case u < 0.16:
		h.does(h.soon(300, 4000), func(at time.Time) error { return h.Withdraw(h.citizen(), at, "Chưa chuẩn bị đủ giấy tờ") })
		return false
	}
	return h.does(h.soon(240, 3200), func(at time.Time) error { return h.Supplement(h.ctx, h.citizen(), at) })
}

// left is how many working minutes the promise leaves.
func (h *history) left() int {
	minutes, err := h.y.cal.WorkingBetween(h.at, *h.DueAt)
	if err != nil {
		h.err, h.over = err, true
	}
	return max(minutes, 30)
}

// share is a part of the time the dossier takes, with some unevenness.
func (h *history) share(part float64, left int) time.Time {
	return h.after(h.at, max(1, int(part*h.late*float64(left)*(0.8+0.4*h.r.Float64()))))
}

// process goes from acceptance to the leader's desk; the dossier lies there when it is true.
func (h *history) process() bool {
	left := h.left()
	if h.chance(0.004) {
		h.does(h.share(0.05, left), func(at time.Time) error { return h.Withdraw(h.citizen(), at, "Rút hồ sơ theo nguyện vọng") })
		return false
	}
	officer := h.who(services.RightHandle, h.competent, h.at)
	if h.over || !h.does(h.share(0.12, left), func(at time.Time) error { return h.Take(officer, at) }) {
		return false
	}
	if h.chance(0.03) {
		at := h.share(0.05, left)
		to := h.who(services.RightHandle, h.competent, at)
		if !h.keeps(&officer, at) || to.ID != officer.ID && !h.does(at, func(at time.Time) error { return h.Forward(officer, at, to, "Phân công lại") }) {
			return false
		}
		officer = to
	}
	long := h.def.LimitFor(h.Answers) != "same-day"
	if long && h.chance(0.07) {
		if at := h.share(0.15, left); !h.keeps(&officer, at) || !h.supplement(officer, at) {
			return false
		}
	}
	if long && h.chance(0.008) {
		if !h.halt(left) {
			return false
		}
	}
	if long && h.late > 1 && h.chance(0.3) {
		at := h.share(0.1/h.late, left)
		if at.Before(*h.DueAt) && !h.does(at, func(at time.Time) error {
			return h.Extend(h.ctx, h.who(services.RightDecide, h.competent, at), at, 1+h.r.IntN(5), "Cần xác minh thêm tại thực địa")
		}) {
			return false
		}
	}
	if !h.propose(&officer, h.share(0.5, left)) {
		return false
	}
	if h.chance(0.03) {
		return h.does(h.share(0.06, left), func(at time.Time) error {
			return h.SendBack(h.who(services.RightDecide, h.competent, at), at, "Bổ sung căn cứ trong dự thảo")
		}) && h.propose(&officer, h.share(0.06, left))
	}
	return true
}

func (h *history) propose(officer *actor.Actor, at time.Time) bool {
	outcome, reason, basis := "granted", "Hồ sơ đủ điều kiện", ""
	if h.n%37 == 5 {
		outcome, reason, basis = "refused", "Không đủ điều kiện theo kết quả xác minh", "Quy định về điều kiện của thủ tục "+h.Procedure
	}
	return h.keeps(officer, at) && h.does(at, func(at time.Time) error { return h.Propose(*officer, at, outcome, reason, basis) })
}

// halt stops processing; half of the stopped dossiers go on later.
func (h *history) halt(left int) bool {
	if !h.does(h.share(0.1, left), func(at time.Time) error {
		return h.Stop(h.who(services.RightDecide, h.competent, at), at, "Đang có tranh chấp cần giải quyết trước", "Văn bản đề nghị tạm dừng của cơ quan giải quyết tranh chấp")
	}) || h.chance(0.5) {
		return false
	}
	return h.does(h.soon(900, 6000), func(at time.Time) error {
		return h.Resume(h.ctx, h.who(services.RightDecide, h.competent, at), at, "Tranh chấp đã được giải quyết", "Kết quả giải quyết tranh chấp")
	})
}

// finish is the signature and the number. Some of the last days' results still wait on the leader's
// desk; none is signed without its number, because a signature with a file is made when it is made.
func (h *history) finish() bool {
	if h.over {
		return false
	}
	at := h.share(0.12, h.left())
	numbered := h.after(at, 5+h.r.IntN(86))
	wait := 0.3
	if at.After(h.y.piled) {
		wait = 0.75
	}
	if late := at.After(h.y.unsigned) && h.chance(wait); late || at.After(h.y.unsigned) && !h.DueAt.Before(h.y.end) || !numbered.Before(h.y.end) {
		return false
	}
	return h.does(at, func(at time.Time) error {
		return h.Sign(h.who(services.RightDecide, h.competent, at), at)
	}) && h.does(numbered, func(at time.Time) error {
		return h.Past.Number(h.who(services.RightNumber, h.competent, at), at, int(h.given.result))
	})
}

func (h *history) handOver() {
	wait := 900
	if h.chance(0.03) {
		wait = 20_000 // results that nobody comes for
	}
	if h.FeeState == "due" {
		if h.ReturnWay != "counter" || h.chance(0.1) {
			if !h.does(h.soon(5, 120), func(at time.Time) error {
				return h.AskFee(h.who(services.RightReturn, h.receiving, at), at)
			}) || !h.pay(h.soon(60, wait+100), pay.Transfer) {
				return
			}
		} else if !h.pay(h.soon(30, wait), pay.Cash) {
			return
		} else {
			wait = 31
		}
	}
	// who ended is remembered on paper: see tell
	how := h.ApplicantName + " — thẻ căn cước"
	if h.ReturnWay == "post" {
		how = fmt.Sprintf("Bưu gửi EX%09dVN — dịch vụ bưu chính công ích", h.n)
	}
	h.does(h.soon(30, wait), func(at time.Time) error { return h.Return(h.who(services.RightReturn, h.receiving, at), at, how) })
}

type because struct{ text, basis string }

var (
	reasons = []because{
		{"Thủ tục không thuộc thẩm quyền của Ủy ban nhân dân cấp xã nơi nộp", "Quyết định công bố danh mục thủ tục hành chính của tỉnh"},
		{"Người nộp không thuộc đối tượng thực hiện thủ tục", "Quyết định công bố danh mục thủ tục hành chính của tỉnh"},
		{"Hồ sơ đã được tiếp nhận ở một mã khác", "Nghị định 118/2025/NĐ-CP"},
	}
	missing = []because{
		{"Bản chụp bị mờ, không đọc được số giấy tờ", "Thành phần hồ sơ của thủ tục"},
		{"Thiếu giấy tờ chứng minh nơi cư trú", "Thành phần hồ sơ của thủ tục"},
		{"Thông tin trên tờ khai khác với giấy tờ đã nộp", "Thành phần hồ sơ của thủ tục"},
	}
)
