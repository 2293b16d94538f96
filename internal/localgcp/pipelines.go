package localgcp

// VertexEndpoint is the host:port of the pipeline service's gRPC API.
func (s *Server) VertexEndpoint() string { return "" }
