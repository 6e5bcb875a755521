namespace ChunkOta.Storage;

/// <summary>Objects that are files of this machine, which the kernel can send by itself.</summary>
public interface IObjectFiles
{
    /// <summary>The path of an object; it need not exist.</summary>
    string PathOf(ObjectName name);
}
