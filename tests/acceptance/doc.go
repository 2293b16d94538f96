// Package acceptance runs both programs as people do, one script a case: the
// straight way, and each way that it goes wrong. The scripts are in
// testdata/script; the commands that they have beside testscript's own are the
// functions that main_test.go lists.
package acceptance
