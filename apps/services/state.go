package services

import (
	"fmt"
	"slices"

	"datmui/kit/fault"
)

// State is the national code of a dossier's state.
// law: public-services.md 6.1 — ten national states.
type State int16

const (
	None               State = 0  // before the first move
	Registered         State = 1  // Mới đăng ký
	Accepted           State = 2  // Được tiếp nhận
	Refused            State = 3  // Không được tiếp nhận
	Processing         State = 4  // Đang xử lý
	AwaitingSupplement State = 5  // Yêu cầu bổ sung giấy tờ
	AwaitingPayment    State = 6  // Yêu cầu thực hiện nghĩa vụ tài chính
	Withdrawn          State = 7  // Công dân yêu cầu rút hồ sơ
	Stopped            State = 8  // Dừng xử lý
	Finished           State = 9  // Đã xử lý xong
	Returned           State = 10 // Đã trả kết quả
)

// States are all ten, in order.
var States = []State{Registered, Accepted, Refused, Processing, AwaitingSupplement, AwaitingPayment, Withdrawn, Stopped, Finished, Returned}

// transitions are the legal moves; anything absent is forbidden, here and in the database
// (services.legal in the migration, held to this table by a test).
// law: public-services.md 6.2 — legal transitions.
var transitions = map[State][]State{
	None:               {Registered, Accepted},
	Registered:         {Accepted, Refused, AwaitingSupplement, AwaitingPayment, Withdrawn, Stopped},
	Accepted:           {Processing, Withdrawn, Stopped},
	Processing:         {Processing, AwaitingSupplement, AwaitingPayment, Withdrawn, Stopped, Finished},
	AwaitingSupplement: {Registered, Accepted, Processing, Withdrawn, Stopped},
	AwaitingPayment:    {Registered, Processing, Finished, Withdrawn, Stopped},
	Stopped:            {Processing},
	Finished:           {AwaitingPayment, Processing, Returned},
}

// CanBecome says whether the move is in the table of 6.2.
func (s State) CanBecome(to State) bool { return slices.Contains(transitions[s], to) }

// Terminal says whether nothing follows in the ordinary course; Stopped may be resumed.
func (s State) Terminal() bool {
	return s == Refused || s == Withdrawn || s == Stopped || s == Returned
}

// Open says whether somebody still has to do something.
func (s State) Open() bool { return s != None && !s.Terminal() }

// Paused says whether the clock stands still.
func (s State) Paused() bool { return s == AwaitingSupplement || s == AwaitingPayment || s == Stopped }

// Key is the text key of the state's name.
func (s State) Key() string { return fmt.Sprintf("services.state.%d", s) }

// illegal is the fault of a move that is not in the table: it names the rule.
func illegal(from, to State) error {
	return fault.Conflict("services.transition", "from", int(from), "to", int(to))
}

// Channel is how a dossier came in.
// law: public-services.md 4 — KenhThucHien.
type Channel int16

const (
	Counter Channel = 1
	Online  Channel = 2
	Post    Channel = 3
)

// Key is the text key of the channel's name.
func (c Channel) Key() string { return fmt.Sprintf("services.channel.%d", c) }
