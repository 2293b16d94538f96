package terraform

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/protobuf/types/known/durationpb"
)

// File is a configuration that grows.
type File struct {
	file    *hclwrite.File
	project string
	// depends are the addresses of all bindings and of the API: what Terraform
	// cannot see that the sender needs.
	depends []string
}

// New begins a configuration about a project.
func New(project string) *File {
	return &File{file: hclwrite.NewEmptyFile(), project: project}
}

// Bytes is the configuration, formatted.
func (f *File) Bytes() []byte { return hclwrite.Format(f.file.Bytes()) }

// block is the inside of a block.
type block struct{ *hclwrite.Body }

func (f *File) block(kind string, labels ...string) block {
	body := f.file.Body()
	if len(body.Blocks()) > 0 {
		body.AppendNewline()
	}
	return block{body.AppendNewBlock(kind, labels).Body()}
}

func (b block) nested(name string) block { return block{b.AppendNewBlock(name, nil).Body()} }

// text sets an attribute; an empty one is left out.
func (b block) text(name, value string) {
	if value != "" {
		b.SetAttributeRaw(name, quoted(value))
	}
}

func (b block) number(name string, value float64) {
	if value != 0 {
		b.SetAttributeValue(name, cty.NumberFloatVal(value))
	}
}

func (b block) no(name string) { b.SetAttributeValue(name, cty.False) }

func (b block) duration(name string, d *durationpb.Duration) {
	if d != nil {
		b.text(name, seconds(d))
	}
}

// base64 sets an attribute that holds text to base64, so that people can read it.
func (b block) base64(name string, data []byte) {
	if len(data) > 0 {
		b.SetAttributeRaw(name, hclwrite.TokensForFunctionCall("base64encode", quoted(string(data))))
	}
}

func (b block) texts(name string, values map[string]string) {
	if len(values) == 0 {
		return
	}
	all := map[string]cty.Value{}
	for key, value := range values {
		all[key] = cty.StringVal(value)
	}
	b.SetAttributeValue(name, cty.ObjectVal(all)) // sorted
}

// refer sets an attribute to another resource's, as in google_pubsub_topic.x.id.
func (b block) refer(name, address string) {
	b.SetAttributeTraversal(name, traversal(address))
}

func (b block) dependsOn(addresses []string) {
	var items []hclwrite.Tokens
	for _, a := range addresses {
		items = append(items, hclwrite.TokensForTraversal(traversal(a)))
	}
	b.SetAttributeRaw("depends_on", hclwrite.TokensForTuple(items))
}

func traversal(address string) hcl.Traversal {
	var t hcl.Traversal
	for i, name := range strings.Split(address, ".") {
		if i == 0 {
			t = append(t, hcl.TraverseRoot{Name: name})
			continue
		}
		t = append(t, hcl.TraverseAttr{Name: name})
	}
	return t
}

// number is where the provider gives the project's number.
const number = "${data.google_project.project.number}"

// quoted is a string in which only our own reference to the number is a template.
func quoted(value string) hclwrite.Tokens {
	before, after, found := strings.Cut(value, number)
	tokens := hclwrite.TokensForValue(cty.StringVal(before))
	if !found {
		return tokens
	}
	rest := hclwrite.TokensForValue(cty.StringVal(after))
	inside := hclwrite.TokensForTraversal(traversal("data.google_project.project.number"))
	joined := append(hclwrite.Tokens{}, tokens[:len(tokens)-1]...)
	joined = append(joined, &hclwrite.Token{Type: hclsyntax.TokenTemplateInterp, Bytes: []byte("${")})
	joined = append(joined, inside...)
	joined = append(joined, &hclwrite.Token{Type: hclsyntax.TokenTemplateSeqEnd, Bytes: []byte("}")})
	return append(joined, rest[1:]...)
}

// seconds is a duration as the APIs write it, such as 3.5s.
func seconds(d *durationpb.Duration) string {
	return strconv.FormatFloat(d.AsDuration().Seconds(), 'f', -1, 64) + "s"
}

// label makes a name in Terraform of a resource's own name.
func label(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	mapped := strings.Map(func(r rune) rune {
		if strings.ContainsRune(letters+"0123456789-_", r) {
			return r
		}
		return '_'
	}, name)
	if mapped != "" && !strings.ContainsRune(letters+"_", rune(mapped[0])) {
		return "_" + mapped
	}
	return mapped
}
