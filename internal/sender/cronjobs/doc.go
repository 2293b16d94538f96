// Package cronjobs sets up the jobs of Cloud Scheduler that make HTTP calls with a
// token.
package cronjobs
