// Command go-step is a KFP component in Go: it counts the words of a text.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/authcall/authcall/component"
)

type inputs struct {
	Text    string `desc:"Text to take apart."`
	Between string `default:" " desc:"What stands between two words."`
}

type outputs struct {
	Words int                      `desc:"Number of words."`
	List  component.OutputArtifact `desc:"The words, one a line."`
}

func main() { os.Exit(component.Func("Count words", "Counts words.", count).Main(os.Args[1:])) }

func count(_ context.Context, in inputs, out *outputs) error {
	words := strings.Split(in.Text, in.Between)
	out.Words = len(words)
	_, err := fmt.Fprintln(&out.List, strings.Join(words, "\n"))
	return err
}
