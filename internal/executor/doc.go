// Package executor is the KFP executor contract of one step: it reads the
// executor input into parameters and output places, and writes the outputs.
package executor
