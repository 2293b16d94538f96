// Package scheduler is Cloud Scheduler: the real service's methods over jobs that
// are kept in files, and that call their targets when their time has come.
package scheduler
