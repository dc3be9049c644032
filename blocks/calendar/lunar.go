package calendar

import (
	"fmt"
	"math"
	"time"
)

// Zone is a meridian for which the lunar calendar is worked out, in hours east of Greenwich.
type Zone int

// The two zones that matter here: Vietnam's law counts at UTC+7, China's at UTC+8, and in some
// years the new year differs by a day or more.
const (
	Hanoi   Zone = 7
	Beijing Zone = 8
)

// Lunar is a day of the lunar calendar.
type Lunar struct {
	Year, Month, Day int
	Leap             bool // the month repeats the number of the one before
}

// String writes 10/3 or 1/6 nhuận, as people here write a lunar day.
func (l Lunar) String() string {
	if l.Leap {
		return fmt.Sprintf("%d/%d nhuận", l.Day, l.Month)
	}
	return fmt.Sprintf("%d/%d", l.Day, l.Month)
}

// ISO writes 2026-03-10, with an L after a leap month.
func (l Lunar) ISO() string {
	leap := ""
	if l.Leap {
		leap = "L"
	}
	return fmt.Sprintf("%04d-%02d%s-%02d", l.Year, l.Month, leap, l.Day)
}

// The years for which the formulas below were tried; farther away they lose their minutes.
const (
	FirstLunarYear = 1900
	LastLunarYear  = 2199
)

const (
	unixJulian = 2440588 // Julian day number of 1970-01-01
	synodic    = 29.530588853
	epoch      = 2415021.076998695 // the new moon of 1900-01-01
)

// Lunar is the lunar day on which the civil day falls.
// law: public-services.md 9 — Hồ Ngọc Đức's algorithm: month 11 contains the winter solstice,
// the leap month is the first without a principal term.
func (z Zone) Lunar(d Date) Lunar {
	jd := int(d) + unixJulian
	k := int(math.Floor((float64(jd) - epoch) / synodic))
	start := z.newMoonDay(k + 1)
	for ; start > jd; k-- { // the mean moon can be a day ahead of the true one
		start = z.newMoonDay(k)
	}
	year := d.Year()
	a11, b11 := z.month11(year), z.month11(year)
	if a11 >= start {
		a11 = z.month11(year - 1)
	} else {
		year++
		b11 = z.month11(year)
	}
	l := Lunar{Year: year, Day: jd - start + 1}
	diff := (start - a11) / 29
	l.Month = diff + 11
	if b11-a11 > 365 {
		if leap := z.leapOffset(a11); diff >= leap {
			l.Month = diff + 10
			l.Leap = diff == leap
		}
	}
	if l.Month > 12 {
		l.Month -= 12
	}
	if l.Month >= 11 && diff < 4 {
		l.Year--
	}
	return l
}

// Civil is the civil day of a day in an ordinary (not leap) lunar month.
func (z Zone) Civil(year, month, day int) Date {
	a11, b11 := z.month11(year-1), z.month11(year)
	if month >= 11 {
		a11, b11 = z.month11(year), z.month11(year+1)
	}
	off := month - 11
	if off < 0 {
		off += 12
	}
	if b11-a11 > 365 && off >= z.leapOffset(a11) {
		off++
	}
	k := int(math.Floor(0.5 + (float64(a11)-epoch)/synodic))
	return Date(z.newMoonDay(k+off) + day - 1 - unixJulian)
}

// Tet is the first day of the lunar year.
func (z Zone) Tet(year int) Date { return z.Civil(year, 1, 1) }

// HungKings is the tenth day of the third lunar month.
func (z Zone) HungKings(year int) Date { return z.Civil(year, 3, 10) }

// LeapMonth is the number of the month that comes twice in the lunar year, or 0.
func (z Zone) LeapMonth(year int) int {
	for d, next := z.Tet(year), z.Tet(year+1); d < next; {
		l := z.Lunar(d)
		if l.Leap {
			return l.Month
		}
		d += 29 // months have 29 or 30 days
		if z.Lunar(d).Day != 1 {
			d++
		}
	}
	return 0
}

// newMoonDay is the Julian day number of the k-th new moon after 1900, in the zone.
func (z Zone) newMoonDay(k int) int {
	return int(math.Floor(newMoon(float64(k)) + 0.5 + float64(z)/24))
}

// newMoon is the time of the k-th new moon as a Julian date (Meeus, Astronomical Algorithms).
func newMoon(k float64) float64 {
	const rad = math.Pi / 180
	t := k / 1236.85
	t2, t3 := t*t, t*t*t
	jd := 2415020.75933 + 29.53058868*k + 0.0001178*t2 - 0.000000155*t3
	jd += 0.00033 * math.Sin((166.56+132.87*t-0.009173*t2)*rad)
	m := 359.2242 + 29.10535608*k - 0.0000333*t2 - 0.00000347*t3    // sun's mean anomaly
	mpr := 306.0253 + 385.81691806*k + 0.0107306*t2 + 0.00001236*t3 // moon's mean anomaly
	f := 21.2964 + 390.67050646*k - 0.0016528*t2 - 0.00000239*t3    // moon's argument of latitude
	c := (0.1734-0.000393*t)*math.Sin(m*rad) + 0.0021*math.Sin(2*rad*m)
	c += -0.4068*math.Sin(mpr*rad) + 0.0161*math.Sin(rad*2*mpr)
	c += -0.0004 * math.Sin(rad*3*mpr)
	c += 0.0104*math.Sin(rad*2*f) - 0.0051*math.Sin(rad*(m+mpr))
	c += -0.0074*math.Sin(rad*(m-mpr)) + 0.0004*math.Sin(rad*(2*f+m))
	c += -0.0004*math.Sin(rad*(2*f-m)) - 0.0006*math.Sin(rad*(2*f+mpr))
	c += 0.0010*math.Sin(rad*(2*f-mpr)) + 0.0005*math.Sin(rad*(2*mpr+m))
	var dt float64 // dynamical time minus universal time
	if t < -11 {
		dt = 0.001 + 0.000839*t + 0.0002261*t2 - 0.00000845*t3 - 0.000000081*t*t3
	} else {
		dt = -0.000278 + 0.000265*t + 0.000262*t2
	}
	return jd + c - dt
}

// sunSector is in which twelfth of the ecliptic the sun stands at the start of the day.
func (z Zone) sunSector(jdn int) int {
	const rad = math.Pi / 180
	t := (float64(jdn) - 0.5 - float64(z)/24 - 2451545.0) / 36525
	t2 := t * t
	m := 357.52910 + 35999.05030*t - 0.0001559*t2 - 0.00000048*t*t2
	l := 280.46645 + 36000.76983*t + 0.0003032*t2
	l += (1.914600 - 0.004817*t - 0.000014*t2) * math.Sin(rad*m)
	l += (0.019993-0.000101*t)*math.Sin(rad*2*m) + 0.000290*math.Sin(rad*3*m)
	l *= rad
	l -= 2 * math.Pi * math.Floor(l/(2*math.Pi))
	return int(math.Floor(l / math.Pi * 6))
}

// month11 is the first day of the lunar month that contains the winter solstice of the year.
func (z Zone) month11(year int) int {
	off := int(NewDate(year, time.December, 31)) + unixJulian - 2415021
	k := int(math.Floor(float64(off) / synodic))
	nm := z.newMoonDay(k)
	if z.sunSector(nm) >= 9 {
		nm = z.newMoonDay(k - 1)
	}
	return nm
}

// leapOffset is how many months after month 11 the leap month begins.
func (z Zone) leapOffset(a11 int) int {
	k := int(math.Floor((float64(a11)-epoch)/synodic + 0.5))
	last, arc := 0, z.sunSector(z.newMoonDay(k+1))
	i := 1
	for ok := true; ok; ok = arc != last && i < 14 {
		last = arc
		i++
		arc = z.sunSector(z.newMoonDay(k + i))
	}
	return i - 1
}
