// Package resource is what a queue and a task of Cloud Tasks may be: their names,
// defaults and limits, with the API's own words for what is wrong.
package resource
