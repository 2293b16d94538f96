package architecture

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// public are the packages that other modules import.
var public = []string{"./component", "./pipelines", "./gate/..."}

// What an example imports, another module must be able to import too, or nobody
// can copy the example.
func TestExamplesImportNothingInternal(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, public...) {
		eachExampleFile(t, p, func(file *ast.File, fset *token.FileSet) {
			for _, imported := range file.Imports {
				if strings.Contains(imported.Path.Value, module+"/internal/") {
					t.Errorf("%s: an example imports %s", fset.Position(imported.Pos()), imported.Path.Value)
				}
			}
		})
	}
}

// Every function, method and type that is exported is used in an example, a type
// also by a function that returns it.
func TestExamplesShowAllThatIsExported(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, public...) {
		shown := returned(t, p)
		eachExampleFile(t, p, func(file *ast.File, _ *token.FileSet) {
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					shown[s.Sel.Name] = true
				}
				return true
			})
		})
		eachFile(t, p, func(_ string, file *ast.File, fset *token.FileSet) {
			for _, name := range exported(file) {
				if !shown[name.Name] {
					t.Errorf("%s: no example uses %s", fset.Position(name.Pos()), name.Name)
				}
			}
		})
	}
}

// returned are the types that the functions of p return.
func returned(t *testing.T, p pkg) map[string]bool {
	t.Helper()
	types := map[string]bool{}
	eachFile(t, p, func(_ string, file *ast.File, _ *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncType); ok && f.Results != nil {
				ast.Inspect(f.Results, func(n ast.Node) bool {
					if name, ok := n.(*ast.Ident); ok {
						types[name.Name] = true
					}
					return true
				})
			}
			return true
		})
	})
	return types
}

func eachExampleFile(t *testing.T, p pkg, do func(*ast.File, *token.FileSet)) {
	t.Helper()
	for _, name := range p.XTestGoFiles {
		if strings.HasPrefix(name, "example_") {
			do(parse(t, filepath.Join(p.Dir, name)))
		}
	}
}

// exported are the exported types, functions and methods of a file, less methods
// that are there for an interface of somebody else's.
func exported(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || !isForOthers(d)) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if named, ok := spec.(*ast.TypeSpec); ok && named.Name.IsExported() {
					names = append(names, named.Name)
				}
			}
		}
	}
	return names
}

// isForOthers says whether a method is called by the standard library or by
// envconfig, or belongs to a type that is not exported.
func isForOthers(method *ast.FuncDecl) bool {
	switch method.Name.Name {
	case "Error", "Unwrap", "String", "Write", "Decode", "Is", "As":
		return true
	}
	receiver := method.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	named, ok := receiver.(*ast.Ident)
	return ok && !named.IsExported()
}
