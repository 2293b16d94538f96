package cron_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/scheduler/cron"
)

// Over changes of the clock the times are those that a walk from minute to minute
// meets on the wall.
func TestNextIsWhatAWalkMeets(t *testing.T) {
	t.Parallel()
	changes := map[string][]string{ // the days before them
		"America/New_York":    {"2026-03-07", "2026-10-31"},
		"Europe/Berlin":       {"2026-03-28", "2026-10-24"},
		"Australia/Lord_Howe": {"2026-04-04", "2026-10-03"}, // by half an hour
		"America/Sao_Paulo":   {"2018-11-03", "2019-02-16"}, // at midnight
		"America/Havana":      {"2026-03-07", "2026-10-31"}, // to midnight again
		"Asia/Kathmandu":      {"2026-03-28"},
		"Pacific/Apia":        {"2011-12-28"}, // by a day
	}
	for zone, days := range changes {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range days {
			start, err := time.ParseInLocation(time.DateOnly, day, location)
			if err != nil {
				t.Fatal(err)
			}
			for hour := range 4 {
				for _, minute := range []int{0, 30, 45} {
					walk(t, fmt.Sprintf("%d %d * * *", minute, hour), zone, start, func(at time.Time) bool { return at.Hour() == hour && at.Minute() == minute })
				}
			}
			walk(t, "*/20 * * * *", zone, start, func(at time.Time) bool { return at.Minute()%20 == 0 })
			walk(t, "30 0 31 * 1", zone, start, func(at time.Time) bool {
				return at.Hour() == 0 && at.Minute() == 30 && (at.Day() == 31 || at.Weekday() == time.Monday)
			})
			walk(t, "0 */2 * * *", zone, start, func(at time.Time) bool { return at.Minute() == 0 && at.Hour()%2 == 0 })
		}
	}
}

func walk(t *testing.T, schedule, zone string, start time.Time, matches func(time.Time) bool) {
	t.Helper()
	s, err := cron.Parse(schedule, zone)
	if err != nil {
		t.Fatal(err)
	}
	next := s.Next(start)
	for at := start.Add(time.Minute); at.Sub(start) < 50*time.Hour; at = at.Add(time.Minute) {
		if !matches(at) {
			continue
		}
		if !at.Equal(next) {
			t.Errorf("%q in %s: got %v, want %v", schedule, zone, next.In(start.Location()), at)
			return
		}
		next = s.Next(at)
	}
}
