package pg_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestPoolsAreMeasured(t *testing.T) {
	db := open(t, t.TempDir())
	conn, err := db.App.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(db)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"datmui_db_connections app busy": 1, "datmui_db_connections reader busy": 0,
		"datmui_db_connections_limit app": 16, "datmui_db_connections_limit reader": 8, "datmui_db_acquired_total app": 1,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v (there: %v), want %v", name, v, ok, want)
		}
	}
}
