package pg

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

var (
	poolConns = prometheus.NewDesc("datmui_db_connections", "Connections to the database by role and state.", []string{"role", "state"}, nil)
	poolLimit = prometheus.NewDesc("datmui_db_connections_limit", "Largest number of connections by role.", []string{"role"}, nil)
	poolTaken = prometheus.NewDesc("datmui_db_acquired_total", "How often a connection was taken.", []string{"role"}, nil)
	poolWait  = prometheus.NewDesc("datmui_db_wait_seconds_total", "Time spent waiting for a free connection.", []string{"role"}, nil)
)

// Describe and Collect make a DB a prometheus.Collector: how busy its pools are.
func (db *DB) Describe(ch chan<- *prometheus.Desc) {
	ch <- poolConns
	ch <- poolLimit
	ch <- poolTaken
	ch <- poolWait
}

// Collect is told of in Describe.
func (db *DB) Collect(ch chan<- prometheus.Metric) {
	for role, pool := range map[string]*pgxpool.Pool{"app": db.App, "reader": db.Reader} {
		s := pool.Stat()
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{role}, labels...)...)
		}
		gauge(poolConns, float64(s.AcquiredConns()), "busy")
		gauge(poolConns, float64(s.IdleConns()), "idle")
		gauge(poolLimit, float64(s.MaxConns()))
		ch <- prometheus.MustNewConstMetric(poolTaken, prometheus.CounterValue, float64(s.AcquireCount()), role)
		ch <- prometheus.MustNewConstMetric(poolWait, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds(), role)
	}
}
