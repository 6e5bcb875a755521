"""Lists a product's releases and pulls one chunk from a ChunkOta server with Debian's python3-grpcio.

usage: pull.py STUBS ADDRESS TOKEN_FILE PRODUCT PATH
STUBS holds what protoc and grpc_python_plugin made of Protos/Contract and of gRPC's own health and reflection protos.
Prints one JSON object: versions listed, the chunk's name beside the b3sum of its bytes, the server's health, and the
services that reflection lists.
"""
import json
import subprocess
import sys

stubs, address, token_file, product, path = sys.argv[1:]
sys.path.insert(0, stubs)

import grpc  # noqa: E402

grpc.__path__.append(f"{stubs}/grpc")  # gRPC's own services, beside the package of that name
from grpc.health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from grpc.reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # noqa: E402
from chunkota.v1 import chunks_pb2, chunks_pb2_grpc, documents_pb2, releases_pb2, releases_pb2_grpc  # noqa: E402


def plain_of(frame):
    """The plain bytes of a frame: docs/format.md, "Frame"."""
    assert frame[0] == 0xC0 and frame[1] == 1, frame[:8].hex()
    length = int.from_bytes(frame[4:8], "little")
    payload = frame[8:]
    if frame[2] == 1:
        payload = subprocess.run(["zstd", "-dc"], input=payload, capture_output=True, check=True).stdout
    assert len(payload) == length, (len(payload), length)
    return payload


def b3sum(data):
    return subprocess.run(["b3sum", "--no-names"], input=data, capture_output=True, check=True).stdout.decode().strip()


with open(token_file, encoding="ascii") as file:
    call = {"metadata": [("authorization", "Bearer " + file.read().strip())], "timeout": 30}

with grpc.insecure_channel(address) as channel:
    releases = releases_pb2_grpc.ReleasesStub(channel)
    listed = releases.ListReleases(releases_pb2.ListReleasesRequest(product=product), **call).releases
    newest = listed[0].manifest.digest

    pieces = releases.ReadManifest(releases_pb2.ReadManifestRequest(manifest_digest=newest), **call)
    envelope = documents_pb2.Envelope.FromString(b"".join(piece.piece for piece in pieces))
    assert b3sum(envelope.payload) == newest.hex()
    manifest = documents_pb2.Manifest.FromString(envelope.payload)
    place, entry = next((i, e) for i, e in enumerate(manifest.entries) if e.path == path)

    recipe = b""
    for answer in releases.FetchRecipes(
            releases_pb2.FetchRecipesRequest(manifest_digest=newest, entries=[place]), **call):
        recipe += b"".join(piece.data for piece in answer.pieces)
    assert b3sum(recipe) == entry.recipe.hex()
    length, name = int.from_bytes(recipe[36:40], "little"), recipe[40:72]

    wanted = chunks_pb2.FetchChunksRequest(
        manifest_digest=newest, wants=[chunks_pb2.ChunkRun(entry=place, first=1, count=1)])
    for answer in chunks_pb2_grpc.ChunksStub(channel).FetchChunks(wanted, **call):
        plain, at, spans = plain_of(answer.frame), 0, list(answer.spans)
        while spans:
            if spans[0] == 0:
                at += spans[1]
                del spans[:2]
            else:
                assert spans[:3] == [place + 1, 1, 1], spans
                chunk = plain[at:at + length]
                at += length
                del spans[:3]

    # Neither takes a token.
    health = health_pb2_grpc.HealthStub(channel).Check(
        health_pb2.HealthCheckRequest(service="chunkota.v1.Chunks"), timeout=30)
    question = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([question]), timeout=30)
    services = [service.name for service in next(answers).list_services_response.service]

    try:
        releases.ListReleases(releases_pb2.ListReleasesRequest(product=product), timeout=30)
        refused = None
    except grpc.RpcError as error:
        refused = dict(error.trailing_metadata()).get("ota-code")

print(json.dumps({"versions": [release.version for release in listed], "chunk": name.hex(), "b3sum": b3sum(chunk),
                  "without_token": refused, "services": sorted(services),
                  "health": health_pb2.HealthCheckResponse.ServingStatus.Name(health.status)}))
