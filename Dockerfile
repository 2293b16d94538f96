# The component's image: one static binary and a place for temporary files.
# No ENTRYPOINT: the component names its own command, and KFP's local Docker
# runner would put an entry point before it a second time. No USER: what the
# runners mount for the outputs belongs to root.
ARG BASE=golang:1.26

FROM ${BASE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG RELEASE=
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags grpcnotrace \
      -ldflags "-s -w -X github.com/authcall/authcall/internal/version.release=${RELEASE}" \
      -o /out/authcall ./cmd/authcall \
 && mkdir -m 1777 /out/tmp

FROM scratch
COPY --from=build /out/ /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
CMD ["/authcall", "version"]
