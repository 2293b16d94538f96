package logging

import (
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Options say what is logged, and how.
type Options struct {
	// Level is debug, info, warn or error.
	Level string
	// Format is text, a readable line each, or json.
	Format string
}

// New makes a logger on w.
func New(w io.Writer, o Options) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(o.Level)
	if err != nil || o.Level == "" {
		return zerolog.Nop(), fmt.Errorf("unknown log level %q, want debug, info, warn or error", o.Level)
	}
	switch o.Format {
	case "text":
		return zerolog.New(lineWriter{w}).Level(level), nil
	case "json":
		return zerolog.New(w).Level(level).Hook(severity{}).With().Timestamp().Logger(), nil
	}
	return zerolog.Nop(), fmt.Errorf("unknown log format %q, want text or json", o.Format)
}

// SilenceLibraries turns off Go's standard logger, on which the HTTP/2 library
// prints every header at its debug level, credentials too.
func SilenceLibraries() { log.SetOutput(io.Discard) }

// severity adds Google's name of the level; the library's own field is left
// beside it, for its name is a setting of the whole process.
type severity struct{}

func (severity) Run(e *zerolog.Event, level zerolog.Level, _ string) {
	names := map[zerolog.Level]string{
		zerolog.DebugLevel: "DEBUG", zerolog.InfoLevel: "INFO", zerolog.WarnLevel: "WARNING", zerolog.ErrorLevel: "ERROR",
	}
	if name, ok := names[level]; ok {
		e.Str("severity", name)
	}
}

// lineWriter turns the library's JSON into a readable line.
type lineWriter struct{ out io.Writer }

func (w lineWriter) Write(p []byte) (int, error) {
	console := zerolog.ConsoleWriter{
		Out: w.out, NoColor: true, TimeFormat: time.RFC3339,
		PartsExclude: []string{zerolog.TimestampFieldName},
		FormatLevel:  func(level any) string { return strings.ToUpper(fmt.Sprintf("%-5v", level)) },
	}
	return console.Write(p)
}
