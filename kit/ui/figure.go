package ui

import (
	"context"
	"math"
	"strconv"

	"github.com/a-h/templ"

	"datmui/kit/lang"
)

// Fig is a figure that opens the rows it counted.
type Fig struct {
	Label string
	N     string // "97,4"; "—" where there is no basis
	Unit  string
	More  string // what it was before, and out of how many
	Go    string // "Mở 367 hồ sơ trễ"
	Href  string
	Late  bool
}

// Chart is columns over time, drawn on the server. The sentence that says what it shows stands
// above it, as the title of its Card.
type Chart struct {
	ID     string // unique in the page
	Title  string // what is measured: "Hồ sơ nhận và xong mỗi tuần"
	Desc   string // what it shows, for those who do not see it
	Series []Series
	Groups []Group
	Digits int // after the comma
}

// Series is one colour of columns. Look is "pale", "act", "sea", "deep", "soon" or "late".
type Series struct{ Name, Look string }

// Group is the columns of one place on the axis, one value a series. NaN is "no figure".
type Group struct {
	Label  string
	Values []float64
	Mark   int // 1 + index of the value whose number is written above it; 0 for none
}

// Bar is a row of Bars.
type Bar struct {
	Name   string
	N      string // the figure in words
	Href   string // opens what was counted
	From   float64
	Length float64 // per cent of the width
	Look   string
	Why    string
	Strong bool
}

// Check is a line of a verdict.
type Check struct {
	Tone Tone // Done, Soon, Wrong
	Text string
	More string
}

// Tile is one commune on the tile map, at a column and row counted from 0.
type Tile struct {
	Col, Row int
	Name     string
	N        int
	Shade    int // 0 to 4
	Href     string
	Label    string // what is counted, after name and number: "phản ánh đang mở, xã"
	Late     bool
	At       bool
}

const (
	chartW, chartH       = 640.0, 250.0
	chartLeft, chartBase = 44.0, 210.0
	chartTop             = 20.0
)

// top rounds the greatest value up to five steps people can read.
func (c Chart) top() float64 {
	most := 0.0
	for _, g := range c.Groups {
		for _, v := range g.Values {
			if v > most { // NaN is never greater
				most = v
			}
		}
	}
	if most == 0 {
		return 5
	}
	unit := math.Pow(10, math.Floor(math.Log10(most/5)))
	for _, step := range []float64{1, 2, 2.5, 5, 10} {
		if step*unit*5 >= most {
			return step * unit * 5
		}
	}
	return most
}

func (c Chart) y(v float64) float64 { return chartBase - (chartBase-chartTop)*v/c.top() }

// slot is the width of one group.
func (c Chart) slot() float64 { return (chartW - 4 - chartLeft - 4) / float64(max(len(c.Groups), 1)) }

func (c Chart) bar() float64 {
	return math.Min(21, (c.slot()-8)/float64(max(len(c.Series), 1))-2)
}

// x is the left edge of a column.
func (c Chart) x(group, series int) float64 {
	width := float64(len(c.Series))*(c.bar()+2) - 2
	return chartLeft + 4 + c.slot()*(float64(group)+.5) - width/2 + float64(series)*(c.bar()+2)
}

func (c Chart) middle(group int) float64 { return chartLeft + 4 + c.slot()*(float64(group)+.5) }

func (c Chart) number(ctx context.Context, v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return lang.Decimal(ctx, v, c.Digits)
}

// every thins out labels that would run into each other.
func (c Chart) every(i int) bool { return i%(len(c.Groups)/14+1) == 0 }

func px(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

func pct(f float64) string {
	return strconv.FormatFloat(math.Max(0, math.Min(100, f)), 'f', 2, 64) + "%"
}

func (t Tone) verdict() string {
	switch t {
	case Soon, Calm, Run, Pause:
		return "verdict verdict--unsure"
	case Wrong, Late:
		return "verdict verdict--no"
	}
	return "verdict"
}

func (t Tone) verdictIcon() string {
	switch t {
	case Soon, Calm, Run, Pause:
		return "ask"
	case Wrong, Late:
		return "no"
	}
	return "seal"
}

func (t Tone) checkIcon() string {
	switch t {
	case Soon, Calm, Run, Pause:
		return "ask"
	case Wrong, Late:
		return "no"
	}
	return "ok"
}

func (t Tile) class() string { return "m" + strconv.Itoa(max(0, min(4, t.Shade))) }

func tilesBox(tiles []Tile) string {
	w, h := 11, 1 // a whole province is 11 wide; fewer tiles are not drawn larger
	for _, t := range tiles {
		w, h = max(w, t.Col+1), max(h, t.Row+1)
	}
	return "0 0 " + strconv.Itoa(w*66) + " " + strconv.Itoa(h*58)
}

func tileAt(n, size int) string { return strconv.Itoa(n*size + 1) }

func tileMid(n, size, add int) string { return strconv.Itoa(n*size + add) }

// now marks the tile whose list is shown.
func (t Tile) now() templ.Attributes { return currentTab(t.At) }

func (t Tile) says() string { return t.Name + " " + strconv.Itoa(t.N) + " " + t.Label }
