package cron

import (
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is a set of minutes in a time zone.
type Schedule struct {
	// spec holds a bit for each value of a field. Its own way through the times goes
	// in whole hours, which clocks that change by half an hour do not.
	spec     *cron.SpecSchedule
	location *time.Location
}

const (
	// star is the bit of a field that names all its values.
	star = 1 << 63
	// horizon is how far ahead there is a leap day at the latest, in years.
	horizon = 8
	// margin is more than clocks are ever changed by, save at the date line.
	margin = 3 * time.Hour
)

// Next is the first time after t, none where there is none in eight years.
func (s *Schedule) Next(t time.Time) time.Time {
	at := t.Truncate(time.Minute).Add(time.Minute).In(s.location)
	for end := at.AddDate(horizon, 0, 0); at.Before(end); {
		year, month, day := at.Date()
		switch {
		case !has(s.spec.Month, int(month)):
			at = skip(at, time.Date(year, month+1, 1, 0, 0, 0, 0, s.location))
		case !s.onDay(at):
			at = skip(at, time.Date(year, month, day+1, 0, 0, 0, 0, s.location))
		case has(s.spec.Hour, at.Hour()) && has(s.spec.Minute, at.Minute()):
			return at
		default:
			at = at.Add(time.Minute)
		}
	}
	return time.Time{}
}

// skip goes to a midnight, but not so far that a change of the clock around it
// could be passed over.
func skip(at, midnight time.Time) time.Time {
	if early := midnight.Add(-margin); early.After(at) {
		return early
	}
	return at.Add(time.Minute)
}

func has(field uint64, value int) bool { return field&(1<<value) != 0 }

// onDay wants both kinds of day where one is a star, and either where both are named.
func (s *Schedule) onDay(at time.Time) bool {
	ofMonth, ofWeek := has(s.spec.Dom, at.Day()), has(s.spec.Dow, int(at.Weekday()))
	if (s.spec.Dom|s.spec.Dow)&star != 0 {
		return ofMonth && ofWeek
	}
	return ofMonth || ofWeek
}
