package authpipe

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command of the guide, and every example of the senders' help, names commands
// and flags that there are.
func TestGuideAndExamplesNameWhatThereIs(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "oidc.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(guide)}
	root := newRoot(newWorld(t, &fakeService{}).factory)
	oidc, _, err := root.Find([]string{"oidc"})
	if err != nil {
		t.Fatal(err)
	}
	eachCommand(oidc, func(cmd *cobra.Command) { texts = append(texts, cmd.Example) })
	commands := regexp.MustCompile(`(?m)^ *authpipe (oidc .*)$`).FindAllStringSubmatch(strings.ReplaceAll(strings.Join(texts, "\n"), "\\\n", " "), -1)
	if len(commands) < 40 {
		t.Fatalf("%d commands, want those of the guide and of the help", len(commands))
	}
	for _, c := range commands {
		command, _, _ := strings.Cut(c[1], " > ")
		if strings.Contains(command, "…") {
			continue // cut short on purpose
		}
		fresh := newRoot(newWorld(t, &fakeService{}).factory) // flags keep what they were given
		cmd, rest, err := fresh.Find(words(command))
		if err != nil || !cmd.Runnable() || cmd.HasSubCommands() {
			t.Errorf("%s: no such command: %v", command, err)
			continue
		}
		if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", command, err)
			continue
		}
		if err := cmd.Args(cmd, cmd.Flags().Args()); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
}

func eachCommand(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, child := range cmd.Commands() {
		eachCommand(child, do)
	}
}

// words splits a command as a shell does, of which it knows the single quotes.
func words(command string) []string {
	var all []string
	for _, word := range regexp.MustCompile(`(?:[^\s']|'[^']*')+`).FindAllString(command, -1) {
		all = append(all, strings.ReplaceAll(word, "'", ""))
	}
	return all
}
