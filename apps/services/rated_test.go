package services

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is left out can be had from nothing that is shown: too small a rest takes the next group along.
func TestSmallGroupsAreNotShown(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		of, shown []int
		hidden    bool
	}{
		"none":                              {nil, nil, false},
		"all large":                         {[]int{9, 5}, []int{9, 5}, false},
		"one small takes another along":     {[]int{20, 4, 9}, []int{20}, true},
		"small ones that make a large rest": {[]int{20, 9, 3, 2}, []int{20, 9}, true},
		"nothing is left":                   {[]int{6, 1}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var list []RatedLine
			for _, n := range tt.of {
				list = append(list, RatedLine{N: n})
			}
			got, hidden := largeEnough(list)
			var shown []int
			for _, l := range got {
				shown = append(shown, l.N)
			}
			if diff := cmp.Diff(tt.shown, shown); diff != "" || hidden != tt.hidden {
				t.Errorf("%s hidden %v", diff, hidden)
			}
		})
	}
}
