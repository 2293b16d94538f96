package cron_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/scheduler/cron"
)

// times are the next ones of a schedule, as wall clocks of its zone show them.
func times(t *testing.T, schedule, zone, after string, n int) []string {
	t.Helper()
	s, err := cron.Parse(schedule, zone)
	if err != nil {
		t.Fatal(err)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", after, location)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range n {
		at = s.Next(at)
		got = append(got, at.In(location).Format("Mon 2006-01-02 15:04 MST"))
	}
	return got
}

func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, schedule, zone, after string
		want                        []string
	}{
		{"every minute", "* * * * *", "", "2026-11-24 10:00", []string{"Tue 2026-11-24 10:01 UTC", "Tue 2026-11-24 10:02 UTC"}},
		{"a time is not its own next", "0 10 * * *", "", "2026-11-24 10:00", []string{"Wed 2026-11-25 10:00 UTC"}},
		{"steps", "*/20 * * * *", "", "2026-11-24 10:05", []string{"Tue 2026-11-24 10:20 UTC", "Tue 2026-11-24 10:40 UTC", "Tue 2026-11-24 11:00 UTC"}},
		{"a range with a step", "10-30/10 1 * * *", "", "2026-11-24 00:00", []string{"Tue 2026-11-24 01:10 UTC", "Tue 2026-11-24 01:20 UTC", "Tue 2026-11-24 01:30 UTC", "Wed 2026-11-25 01:10 UTC"}},
		{"a list", "0 1,13 * * *", "", "2026-11-24 00:00", []string{"Tue 2026-11-24 01:00 UTC", "Tue 2026-11-24 13:00 UTC"}},
		{"names", "0 0 * JAN mon-WED", "", "2026-11-24 00:00", []string{"Mon 2027-01-04 00:00 UTC", "Tue 2027-01-05 00:00 UTC", "Wed 2027-01-06 00:00 UTC", "Mon 2027-01-11 00:00 UTC"}},
		{"0 is Sunday", "0 0 * * 0", "", "2026-11-24 00:00", []string{"Sun 2026-11-29 00:00 UTC"}},
		{"7 is Sunday", "0 0 * * 7", "", "2026-11-24 00:00", []string{"Sun 2026-11-29 00:00 UTC", "Sun 2026-12-06 00:00 UTC"}},
		{"a range to 7", "0 0 * * 6-7", "", "2026-11-24 00:00", []string{"Sat 2026-11-28 00:00 UTC", "Sun 2026-11-29 00:00 UTC", "Sat 2026-12-05 00:00 UTC"}},
		{"a range to Sunday", "0 0 * * fri-SUN", "", "2026-11-24 00:00", []string{"Fri 2026-11-27 00:00 UTC", "Sat 2026-11-28 00:00 UTC", "Sun 2026-11-29 00:00 UTC"}},
		{"a range to 7 with a step", "0 0 * * 3-7/2", "", "2026-11-24 00:00", []string{"Wed 2026-11-25 00:00 UTC", "Fri 2026-11-27 00:00 UTC", "Sun 2026-11-29 00:00 UTC"}},
		{"a list with 7", "0 0 * * 2,7", "", "2026-11-24 00:00", []string{"Sun 2026-11-29 00:00 UTC", "Tue 2026-12-01 00:00 UTC"}},
		{"the whole week", "0 0 * * 1-7", "", "2026-11-28 00:00", []string{"Sun 2026-11-29 00:00 UTC", "Mon 2026-11-30 00:00 UTC"}},
		{"from Sunday", "0 0 * * SUN-MON", "", "2026-11-24 00:00", []string{"Sun 2026-11-29 00:00 UTC", "Mon 2026-11-30 00:00 UTC"}},
		{"either day where both are named", "0 0 1 * MON", "", "2026-11-24 00:00", []string{"Mon 2026-11-30 00:00 UTC", "Tue 2026-12-01 00:00 UTC", "Mon 2026-12-07 00:00 UTC"}},
		{"months without the day", "0 0 31 * *", "", "2026-11-24 00:00", []string{"Thu 2026-12-31 00:00 UTC", "Sun 2027-01-31 00:00 UTC", "Wed 2027-03-31 00:00 UTC"}},
		{"leap days", "0 0 29 2 *", "", "2026-11-24 00:00", []string{"Tue 2028-02-29 00:00 UTC"}},
		{"the year's end", "59 23 31 12 *", "", "2026-12-31 23:59", []string{"Fri 2027-12-31 23:59 UTC"}},
		{"spaces", "  0\t10 *  * * ", "", "2026-11-24 10:00", []string{"Wed 2026-11-25 10:00 UTC"}},

		{"a zone", "0 9 * * *", "Asia/Kolkata", "2026-11-24 10:00", []string{"Wed 2026-11-25 09:00 IST"}},
		{"clocks go forward past the time", "30 2 * * *", "America/New_York", "2026-03-07 12:00", []string{"Mon 2026-03-09 02:30 EDT"}},
		{"clocks go forward before the time", "30 3 * * *", "America/New_York", "2026-03-07 12:00", []string{"Sun 2026-03-08 03:30 EDT", "Mon 2026-03-09 03:30 EDT"}},
		{"clocks go back over the time", "30 1 * * *", "America/New_York", "2026-10-31 12:00", []string{"Sun 2026-11-01 01:30 EDT", "Sun 2026-11-01 01:30 EST", "Mon 2026-11-02 01:30 EST"}},
		{"every hour as clocks go back", "0 * * * *", "Europe/Berlin", "2026-10-25 01:30", []string{"Sun 2026-10-25 02:00 CEST", "Sun 2026-10-25 02:00 CET", "Sun 2026-10-25 03:00 CET"}},
		{"every hour as clocks go forward", "0 * * * *", "Europe/Berlin", "2026-03-29 00:30", []string{"Sun 2026-03-29 01:00 CET", "Sun 2026-03-29 03:00 CEST"}},
		{"a midnight that there is not", "0 0 * * *", "America/Sao_Paulo", "2018-11-03 12:00", []string{"Mon 2018-11-05 00:00 -02"}},
		{"a day that there is not", "0 12 * * *", "Pacific/Apia", "2011-12-29 13:00", []string{"Sat 2011-12-31 12:00 +14"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, times(t, tt.schedule, tt.zone, tt.after, len(tt.want))); diff != "" {
				t.Errorf("times (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, schedule := range []string{
		"", "*", "* * * *", "* * * * * *", "0 0 1 1 * 2027", "@every 5m", "@daily", "@hourly x x x x", "every 5 minutes", "every day 09:00",
		"TZ=UTC * * * * *", "CRON_TZ=UTC 0 0 * *", "? * * * *", "0 0 ? * *", "0 0 L * *", "0 0 15W * *", "0 0 * * 5#2",
		"60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 * 0 *", "0 0 * 13 *", "0 0 * * 8", "-1 * * * *",
		"5-1 * * * *", "*/0 * * * *", "1,,2 * * * *", "1, * * * *", ",1 * * * *", "1-2-3 * * * *", "*/5/5 * * * *", "*-5 * * * *",
		"0 0 30 2 *", "0 0 31 4,6 *", "0 0 * FOO *", "0 0 * * FOO", "0 0 * * 6-8", "0 0 * * x-7", "0 0 * * 3-7/0", "0 0 * * 9-7", "JAN * * * *", "1.5 * * * *",
		strings.Repeat("1,", 300) + "1 * * * *",
	} {
		if _, err := cron.Parse(schedule, ""); err == nil {
			t.Errorf("%q is taken", schedule)
		}
	}
	for _, zone := range []string{"Local", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "GMT+25", " UTC"} {
		if _, err := cron.Parse("* * * * *", zone); err == nil {
			t.Errorf("zone %q is taken", zone)
		}
	}
	for _, zone := range []string{"utc", "UTC", "Etc/UTC", "America/Los_Angeles"} {
		if _, err := cron.Parse("* * * * *", zone); err != nil {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
}

// FuzzParse holds what is taken against a plain reading of what a time is: the
// next one is later, on a whole minute, and the same when asked for just before it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"* * * * *", "*/5 1-3 1,15 JAN-MAR 1-7/2", "30 2 * * SUN", "@every 1m", "0 0 29 2 *"} {
		f.Add(seed, "Europe/Berlin", int64(1_790_000_000))
	}
	f.Fuzz(func(t *testing.T, schedule, zone string, unix int64) {
		s, err := cron.Parse(schedule, zone)
		if err != nil {
			return
		}
		after := time.Unix(unix%4_000_000_000, 0).UTC()
		next := s.Next(after)
		if next.IsZero() { // no such day in eight years, as a leap day on a Monday
			return
		}
		if !next.After(after) || next.Nanosecond() != 0 {
			t.Errorf("%q in %q: got %v after %v", schedule, zone, next, after)
		}
		if again := s.Next(next.Add(-time.Second)); !again.Equal(next) {
			t.Errorf("%q in %q: got %v, and %v just before it", schedule, zone, next, again)
		}
	})
}
