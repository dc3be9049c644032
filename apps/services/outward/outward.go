// Package outward says what the National Public Service Portal is told of a dossier: the dossier
// itself when it is registered, then each line of its control slip, and each new state.
//
// law: public-services.md 6.3 — create dossier, push progress, push state; 2 — the province syncs to the National Portal.
package outward

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/exchange"
	"datmui/blocks/exchange/dvc"
	"datmui/blocks/pay"
	"datmui/kit/fault"
)

// Source reads dossiers for the exchange.
type Source struct {
	Services *services.Module
	Body     func(ctx context.Context, id string) (string, error) // the name of a body
	Dossier  func(uuid.UUID) string                               // where an official opens a dossier
	Act      func(ctx context.Context, name string) string        // an act in words
}

// Kind is what entries of the log call a dossier.
const Kind = "services.dossier"

var _ exchange.Source = Source{}

// A line of the slip has a hundred numbers: the dossier or the line itself, its new state, and the
// times when the state was ordered to be told again.
const (
	perLine   = 100
	itself    = 0
	newState  = 20
	fromAgain = 30
)

// Owed lists what is to be told after a sequence.
func (s Source) Owed(ctx context.Context, code string, after, again int) (exchange.Owed, error) {
	rec, err := s.Services.Outward(ctx, code)
	if fault.KindOf(err) == fault.KindNotFound {
		return exchange.Owed{}, nil // an entry about a dossier that never came to be
	} else if err != nil {
		return exchange.Owed{}, err
	}
	out := exchange.Owed{Agency: rec.CompetentAgency, Href: s.Dossier(rec.ID), Persons: rec.AuditPersons()}
	prev := after
	add := func(seq int, op string, body any, files ...exchange.File) {
		if seq > after {
			out.Messages = append(out.Messages, exchange.Message{Seq: seq, Prev: prev, Op: op, Body: body, Files: files})
			prev = seq
		}
	}
	for _, mv := range rec.Slip {
		at := mv.N * perLine
		if mv.N == 1 {
			body, files := s.create(rec, mv)
			add(at+itself, dvc.OpCreate, body, files...)
			continue
		}
		if at+newState <= after { // told already
			continue
		}
		line, err := s.line(ctx, rec, mv)
		if err != nil {
			return out, err
		}
		add(at+itself, dvc.OpProgress, line)
		if mv.FromState == nil || *mv.FromState != mv.ToState {
			add(at+newState, dvc.OpState, state(rec, mv))
		}
	}
	if again > 0 && len(rec.Slip) > 0 {
		mv := rec.Slip[len(rec.Slip)-1]
		add(mv.N*perLine+fromAgain+min(again, perLine-fromAgain-1), dvc.OpState, state(rec, mv))
	}
	return out, nil
}

// State is what we say of a dossier.
func (s Source) State(ctx context.Context, act *audit.Act, code string) (exchange.Known, error) {
	d, err := s.Services.OutwardState(ctx, act, code)
	if err != nil {
		return exchange.Known{}, err
	}
	return exchange.Known{State: int(d.State), Agency: d.CompetentAgency, Href: s.Dossier(d.ID), What: cmp.Or(s.Services.NameOf(d), d.Code), Persons: d.AuditPersons()}, nil
}

var ways = map[string]int{"counter": 1, "online": 2, "post": 3}

// create is the dossier as it was registered.
func (s Source) create(rec services.Record, mv services.Move) (dvc.Dossier, []exchange.File) {
	unit, _, _ := strings.Cut(rec.Code, "-")
	out := dvc.Dossier{MaHoSo: rec.Code, MaTTHC: rec.Procedure, MaDichVuCong: rec.Procedure + ".01", ChuHoSo: rec.OwnerName, MaDonViTiepNhan: unit,
		NgayNop: dvc.At(rec.FiledAt), TrangThai: int(mv.ToState), HinhThucTra: ways[rec.ReturnWay], ThanhPhanHoSo: []dvc.Paper{}, DanhSachLePhi: []dvc.Fee{},
		TaiKhoanDuocXacThucVoiVNeID: rec.Channel == services.Online && !rec.OnBehalf, DuocThanhToanTrucTuyen: rec.Def.FeeMode != "none"}
	if mv.ToState == services.Accepted {
		out.NgayTiepNhan, out.NgayHenTra = dvc.AtOr(rec.AcceptedAt), dvc.AtOr(mv.DueAt)
	}
	var files []exchange.File
	for _, p := range rec.Papers {
		paper := dvc.Paper{TenGiayTo: cmp.Or(p.Name, paperName(rec.Def, p.Place)), SoLuong: max(p.Originals+p.Copies, 1), LoaiBan: dvc.Electronic, GiayToDinhKem: []dvc.Attached{}}
		switch {
		case p.FileID == nil && p.Originals > 0:
			paper.LoaiBan = dvc.Original
		case p.FileID == nil:
			paper.LoaiBan = dvc.Copy
		default:
			f, ok := rec.Contents[*p.FileID]
			if !ok || f.Destroyed {
				break
			}
			paper.GiayToDinhKem = append(paper.GiayToDinhKem, dvc.Attached{IdTepTin: f.ID.String(), HashTepTin: f.SHA256})
			files = append(files, exchange.File{ID: f.ID, Hash: f.SHA256, Name: f.Name, Read: func(ctx context.Context) ([]byte, error) { return s.Services.Bytes(ctx, f) }})
		}
		out.ThanhPhanHoSo = append(out.ThanhPhanHoSo, paper)
	}
	for _, b := range rec.Bills {
		out.DanhSachLePhi = append(out.DanhSachLePhi, fees(b)...)
	}
	return out, files
}

// fees are the lines of a bill. law: public-services.md 6.3 — HinhThucThu, TrangThaiThanhToan.
func fees(b pay.Bill) []dvc.Fee {
	when, paid := 1, 0
	if b.Mode == pay.OnReturn {
		when = 4
	}
	if b.State == pay.PaidUp {
		paid = 1
	}
	var out []dvc.Fee
	for _, l := range b.Lines {
		out = append(out, dvc.Fee{TenPhiLePhi: l.Name.Vi, SoTien: l.Amount, HinhThucThu: when, TrangThaiThanhToan: paid})
	}
	return out
}

func paperName(def services.Definition, place string) string {
	for _, r := range def.Papers {
		if r.Key == place {
			return r.Name
		}
	}
	return place
}

// line is one hand-over. What it says in words is the act's name: reasons and notes stay with us.
func (s Source) line(ctx context.Context, rec services.Record, mv services.Move) (dvc.Progress, error) {
	out := dvc.Progress{MaHoSo: rec.Code, NguoiXuLy: mv.ActorName, ThoiDiemXuLy: dvc.At(mv.At), NoiDungXuLy: s.Act(ctx, mv.Act),
		NgayBatDau: dvc.At(mv.At), NgayKetThucTheoQuyDinh: dvc.AtOr(mv.DueAt), TrangThai: int(mv.ToState)}
	if mv.Agency != "" {
		name, err := s.Body(ctx, mv.Agency)
		if err != nil && fault.KindOf(err) != fault.KindNotFound {
			return out, err
		}
		out.PhongBanXuLy = cmp.Or(name, mv.Agency)
	}
	return out, nil
}

// state is the state that a line of the slip gave.
func state(rec services.Record, mv services.Move) dvc.State {
	out := dvc.State{MaHoSo: rec.Code, TrangThai: int(mv.ToState), ThoiDiemXuLy: dvc.At(mv.At), NgayHenTra: dvc.AtOr(mv.DueAt), HinhThucTra: ways[rec.ReturnWay]}
	if rec.AcceptedAt != nil && !rec.AcceptedAt.After(mv.At) {
		out.NgayTiepNhan = dvc.AtOr(rec.AcceptedAt)
	}
	if mv.ToState == services.Finished || mv.ToState == services.Returned {
		out.NgayKetThucXuLy = dvc.AtOr(rec.FinishedAt)
	}
	if mv.ToState == services.Returned {
		out.NgayTra = dvc.AtOr(rec.ReturnedAt)
	}
	return out
}
