package demo

import (
	"time"

	"datmui/apps/services"
)

// rate lets some of those whose dossier has ended say what they think of it; who waited longer than
// promised is less content. Low ratings are answered, but for some of the last weeks.
func (h *history) rate() error {
	if h.over || h.State != services.Returned && h.State != services.Refused || !h.chance(0.2) {
		return h.err
	}
	in := services.RateIn{Dossier: h.ID, Levels: services.Levels{Score: h.level(0), Speed: h.level(0), Guidance: h.level(0), Manner: h.level(0.2)}}
	why := thoughts[h.r.IntN(len(thoughts))]
	switch bad := h.late > 1 || h.State == services.Refused; {
	case bad && h.chance(0.35) || h.chance(0.02):
		why = complaints[h.r.IntN(len(complaints))]
		if bad && h.State == services.Returned {
			why = waited[h.r.IntN(len(waited))]
		}
		in.Levels, in.Comment = why.levels, why.text
	case h.chance(0.25):
		in.Comment = why.text
	}
	if !h.does(h.at.Add(time.Duration(10+h.r.IntN(8*24*60))*time.Minute), func(at time.Time) error {
		return h.Rate(h.ctx, h.citizen(), at, in)
	}) || !in.Low() || h.at.After(h.y.end.AddDate(0, 0, -45)) && h.chance(0.5) { // some of the last weeks' still wait
		return h.err
	}
	h.does(h.soon(300, 2300), func(at time.Time) error {
		return h.AnswerRating(h.who(services.RightSupervise, h.competent, at), at, answers[h.r.IntN(len(answers))])
	})
	return h.err
}

// level is mostly content or very content.
func (h *history) level(more float64) int {
	switch u := h.r.Float64() + more; {
	case u < 0.06:
		return 2
	case u < 0.45:
		return 3
	}
	return 4
}

type thought struct {
	text   string
	levels services.Levels
}

// What people write: in their own words, without names.
var (
	thoughts = []thought{{text: "Nhanh hơn tôi nghĩ, cảm ơn cán bộ."}, {text: "Cán bộ hướng dẫn tận tình, tôi lớn tuổi mà vẫn làm được."},
		{text: "Nộp ở nhà buổi tối, không phải nghỉ biển một ngày đi xã."}, {text: "Nhận kết quả qua bưu điện rất tiện."},
		{text: "Chỗ ngồi chờ hơi nóng, còn lại đều tốt."}, {text: "Mong có thêm hướng dẫn bằng hình."}, {text: "Được nhắn tin từng bước nên yên tâm."}}
	waited = []thought{
		{"Hẹn ngày mười, đến ngày mười bảy mới có. Tôi đi vỏ lãi ra xã hai lần đều về không.", services.Levels{Score: 1, Speed: 1, Guidance: 2, Manner: 3}},
		{"Trễ hẹn mà không ai báo trước một tiếng.", services.Levels{Score: 1, Speed: 1, Guidance: 2, Manner: 2}},
		{"Làm thì đúng nhưng lâu quá, lỡ mất đợt vay vốn.", services.Levels{Score: 2, Speed: 1, Guidance: 3, Manner: 3}},
	}
	complaints = []thought{
		{"Hỏi hai người được chỉ hai kiểu, phải viết lại tờ khai ba lần.", services.Levels{Score: 1, Speed: 2, Guidance: 1, Manner: 2}},
		{"Người ở quầy nói cộc lốc, tôi hỏi thêm thì bảo về đọc lại trên mạng.", services.Levels{Score: 1, Speed: 3, Guidance: 1, Manner: 1}},
		{"Giấy tờ tôi nộp rồi mà vẫn bị đòi lại.", services.Levels{Score: 2, Speed: 2, Guidance: 1, Manner: 3}},
		{"Bị trả hồ sơ mà không nói rõ phải nộp ở đâu mới đúng.", services.Levels{Score: 1, Speed: 3, Guidance: 1, Manner: 3}},
	}
	answers = []string{
		"Cảm ơn bạn đã góp ý. Chúng tôi xin lỗi vì sự bất tiện này, đã nhắc nhở bộ phận giải quyết và sẽ báo trước khi có hồ sơ chậm.",
		"Xin lỗi bạn. Bản hướng dẫn tại quầy đã được viết lại cho rõ; lần sau bạn gặp khó, xin gọi số điện thoại ghi trên giấy hẹn.",
		"Chúng tôi đã xem lại hồ sơ của bạn. Phần chờ lâu là do xác minh tại thực địa; lẽ ra phải báo bạn biết sớm hơn. Mong bạn thông cảm.",
	}
)
