package cron

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/robfig/cron/v3"
)

// field is one of the five: a star, numbers, names, ranges and steps in a list. What
// else the parser below knows is no unix-cron.
var field = sync.OnceValue(func() *regexp.Regexp {
	const item = `(\*|\w+(-\w+)?)(/\d+)?`
	return regexp.MustCompile(`^` + item + `(,` + item + `)*$`)
})

const fields = 5

// maxLength keeps lists in bounds.
const maxLength = 500

// Parse reads a schedule; an empty zone means UTC.
func Parse(text, zone string) (*Schedule, error) {
	location, err := Zone(zone)
	if err != nil {
		return nil, err
	}
	parts := strings.Fields(text)
	if len(parts) != fields || len(text) > maxLength {
		return nil, fmt.Errorf("schedule %.40q: want five fields: minute, hour, day of month, month, day of week", text)
	}
	for _, part := range parts {
		if !field().MatchString(part) {
			return nil, fmt.Errorf("schedule %q: %q is no field of unix-cron", text, part)
		}
	}
	if parts[fields-1], err = sundays(parts[fields-1]); err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	spec, err := parser.Parse(strings.Join(parts, " "))
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	return within(spec, location, text)
}

// within takes over what was read, and refuses a schedule that names no day of the
// calendar, such as February 30.
func within(parsed cron.Schedule, location *time.Location, text string) (*Schedule, error) {
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("schedule %q: got %T, want five fields", text, parsed)
	}
	s := &Schedule{spec, location}
	if s.Next(leapYear()).IsZero() {
		return nil, fmt.Errorf("schedule %q names no day that there is", text)
	}
	return s, nil
}

// leapYear is a time before a February 29.
func leapYear() time.Time { return time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC) }

// Zone knows the names of the tz database, in any case for UTC alone.
func Zone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "utc") {
		return time.UTC, nil
	}
	if name == "Local" { // to Go it is the machine's
		return nil, errors.New("time zone \"Local\": want a name of the tz database")
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %.40q: want a name of the tz database, such as Europe/Berlin", name)
	}
	return location, nil
}

// Sunday is the first day of the week and the last.
const (
	firstSunday = 0
	lastSunday  = 7
)

// sundays writes the days of the week such that Sunday is 0 everywhere, as the
// parser has it: 7 becomes 0, and a range to Sunday a list.
func sundays(text string) (string, error) {
	items := strings.Split(text, ",")
	for i, item := range items {
		days, step, stepped := strings.Cut(item, "/")
		from, to, isRange := strings.Cut(days, "-")
		switch {
		case isRange && (to == "7" || strings.EqualFold(to, "sun")) && !isSunday(from):
			list, err := listDays(from, step, stepped)
			if err != nil {
				return "", err
			}
			items[i] = list
		case from == "7" && !isRange && !stepped:
			items[i] = "0"
		}
	}
	return strings.Join(items, ","), nil
}

func isSunday(day string) bool { return day == "0" || day == "7" || strings.EqualFold(day, "sun") }

// listDays lists the days from one until the Sunday after it.
func listDays(from, step string, stepped bool) (string, error) {
	first, err := dayOf(from)
	if err != nil {
		return "", err
	}
	by := 1
	if stepped {
		if by, err = strconv.Atoi(step); err != nil || by < 1 {
			return "", fmt.Errorf("step %q: want a positive number", step)
		}
	}
	var list []string
	for day := first; day <= lastSunday; day += by {
		list = append(list, strconv.Itoa(day%lastSunday))
	}
	return strings.Join(list, ","), nil
}

func dayOf(name string) (int, error) {
	for day, known := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		if strings.EqualFold(name, known) {
			return day, nil
		}
	}
	day, err := strconv.Atoi(name)
	if err != nil || day < firstSunday || day > lastSunday {
		return 0, fmt.Errorf("day of week %q: want 0 to 7, or SUN to SAT", name)
	}
	return day, nil
}
