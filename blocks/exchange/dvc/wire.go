// Package dvc speaks the contract of the National Public Service Portal: get a token, upload files,
// create the dossier, push its progress and its states, each named as the contract names it.
//
// law: public-services.md 6.3 — sync contract: steps, fields, enums, statuses; dates are yyyyMMddHHmmss, 24-hour.
package dvc

import (
	"encoding/json"
	"time"

	"datmui/kit/clock"
)

// Operations of the contract.
const (
	OpCreate   = "NoiHoSo"
	OpProgress = "CapNhatTienTrinh"
	OpState    = "CapNhatTrangThai"
)

// Stamp is a time as the contract writes it; the zero Stamp is the empty string.
type Stamp struct{ time.Time }

const stamp = "20060102150405"

// At makes a Stamp.
func At(t time.Time) Stamp { return Stamp{t} }

// AtOr makes a Stamp of a time that may be missing.
func AtOr(t *time.Time) Stamp {
	if t == nil {
		return Stamp{}
	}
	return Stamp{*t}
}

// MarshalJSON writes local time.
func (s Stamp) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte(`""`), nil
	}
	return json.Marshal(s.In(clock.Vietnam).Format(stamp))
}

// UnmarshalJSON reads local time.
func (s *Stamp) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	if text == "" {
		s.Time = time.Time{}
		return nil
	}
	t, err := time.ParseInLocation(stamp, text, clock.Vietnam)
	s.Time = t
	return err
}

// Dossier creates a dossier at the portal.
type Dossier struct {
	MaHoSo                      string
	MaTTHC                      string
	MaDichVuCong                string
	ChuHoSo                     string
	LoaiDoiTuong                int // 0 citizen, 1 enterprise, 2 business household
	MaDonViTiepNhan             string
	NgayNop                     Stamp
	NgayTiepNhan                Stamp
	NgayHenTra                  Stamp
	TrangThai                   int // 1 to 10
	NgayTra                     Stamp
	NgayKetThucXuLy             Stamp
	HinhThucTra                 int // 1 at the counter, 2 online, 3 by post
	ThanhPhanHoSo               []Paper
	DanhSachLePhi               []Fee
	TaiKhoanDuocXacThucVoiVNeID bool
	DuocThanhToanTrucTuyen      bool
}

// Filed is a dossier that was filed at the portal and is worked by a ministry's system, as that tells
// the province of it.
type Filed struct {
	Dossier
	SoDinhDanhChuSoHuu string // the owner's personal number; "" where it is not given
}

// Paper is a part of the dossier.
type Paper struct {
	TenGiayTo     string
	SoLuong       int
	LoaiBan       int // 0 original, 1 copy, 2 electronic
	GiayToDinhKem []Attached
}

// Kinds of copies.
const (
	Original   = 0
	Copy       = 1
	Electronic = 2
)

// Attached is a file that was uploaded.
type Attached struct {
	IdTepTin   string
	HashTepTin string
}

// Fee is money that is asked for.
type Fee struct {
	TenPhiLePhi        string
	SoTien             int64
	HinhThucThu        int // 1 at intake, 2 at supplement, 4 at return
	TrangThaiThanhToan int // 0 unpaid, 1 paid
}

// Progress is one line of the control slip.
type Progress struct {
	MaHoSo                 string
	NguoiXuLy              string
	ThoiDiemXuLy           Stamp
	PhongBanXuLy           string
	NoiDungXuLy            string
	NgayBatDau             Stamp
	NgayKetThucTheoQuyDinh Stamp
	TrangThai              int
}

// State is the state of a dossier, in either direction.
type State struct {
	MaHoSo          string
	TrangThai       int
	ThoiDiemXuLy    Stamp
	NoiDungXuLy     string
	NgayTiepNhan    Stamp
	NgayHenTra      Stamp
	NgayTra         Stamp
	NgayKetThucXuLy Stamp
	HinhThucTra     int
}

// Reply is what either side answers.
type Reply struct {
	MaLoi    string // "0": done
	ThongBao string
}
