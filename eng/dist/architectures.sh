# Sourced with a RID: sets what Debian and OCI call its processor.
case $1 in
  linux-x64) debian_architecture=amd64 gnu_triplet=x86_64-linux-gnu loader=lib64/ld-linux-x86-64.so.2 ;;
  linux-arm64) debian_architecture=arm64 gnu_triplet=aarch64-linux-gnu loader=lib/ld-linux-aarch64.so.1 ;;
  *) echo "$0: unknown RID $1" >&2; exit 2 ;;
esac
