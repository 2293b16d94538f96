// Package cron reads schedules in the five fields of unix-cron as Cloud Scheduler
// does, and finds the times that they name in a time zone.
package cron
