package architecture

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// maxLines is the length in lines past which a file holds more than one idea.
const maxLines = 400

func TestEveryPackageSaysItsIdeaInDocGo(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		name := "doc.go"
		if p.Name == "main" && slices.Equal(p.GoFiles, []string{"main.go"}) {
			name = "main.go" // a program of one file says it there
		}
		if !slices.Contains(p.GoFiles, name) {
			t.Errorf("%s has no %s", p.room(), name)
			continue
		}
		if file, _ := parse(t, filepath.Join(p.Dir, name)); file.Doc == nil {
			t.Errorf("%s/%s has no package comment", p.room(), name)
		}
	}
}

func TestOnlyMainEndsTheProcess(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		if p.Name == "main" {
			continue
		}
		eachFile(t, p, func(name string, file *ast.File, fset *token.FileSet) {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && isSelector(call, "os", "Exit") {
					t.Errorf("%s: os.Exit outside a main package", fset.Position(n.Pos()))
				}
				return true
			})
		})
	}
}

func TestNoPackageHasInit(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		eachFile(t, p, func(name string, file *ast.File, fset *token.FileSet) {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s: func init()", fset.Position(f.Pos()))
				}
			}
		})
	}
}

func TestFilesStayShort(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			data, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if lines := bytes.Count(data, []byte("\n")); lines > maxLines {
				t.Errorf("%s/%s has %d lines, want at most %d", p.room(), name, lines, maxLines)
			}
		}
	}
}

// eachFile parses the files of p that are not tests.
func eachFile(t *testing.T, p pkg, do func(name string, file *ast.File, fset *token.FileSet)) {
	t.Helper()
	for _, name := range p.GoFiles {
		file, fset := parse(t, filepath.Join(p.Dir, name))
		do(name, file, fset)
	}
}

func parse(t *testing.T, path string) (*ast.File, *token.FileSet) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file, fset
}

func isSelector(e *ast.SelectorExpr, pkg, name string) bool {
	x, ok := e.X.(*ast.Ident)
	return ok && x.Name == pkg && e.Sel.Name == name
}
