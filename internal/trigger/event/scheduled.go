package event

import (
	"net/http"
	"strconv"
)

// readScheduler reads what Cloud Scheduler sends. All tries of one execution have
// its scheduled time in common.
func readScheduler(header http.Header, body []byte) (*Event, error) {
	id, err := named(header, "X-CloudScheduler-JobName", "X-CloudScheduler-ScheduleTime")
	return &Event{ID: id, Payload: body}, err
}

// readTask reads what Cloud Tasks sends.
func readTask(header http.Header, body []byte) (*Event, error) {
	id, err := named(header, "X-CloudTasks-QueueName", "X-CloudTasks-TaskName")
	return &Event{ID: id, Attempt: retries(header.Get("X-CloudTasks-TaskRetryCount")), Payload: body}, err
}

// retries is the number of the attempt after so many, 0 where it is not known.
func retries(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n + 1
}
