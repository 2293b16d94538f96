// Package paging cuts the lists of Google's APIs into pages.
package paging
