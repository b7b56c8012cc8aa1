"""What can go wrong with a vector store beside the database; keywords find what they can meanwhile. Knows no such store."""

from __future__ import annotations

from assistant.errors.models import ModelError


class VectorStoreDown(ModelError):
    """The server or file that searches the vectors does not answer; details: provider, address, reason."""

    kind = "vector_store"
    unbilled = True
    retryable = True
    texts = {
        "zh": "{provider}（{address}）用不了：{reason}。",
        "en": "{provider} at {address} cannot be used: {reason}.",
    }
    hints = {
        "zh": "检查 ASSISTANT_MILVUS_URI 和 ASSISTANT_MILVUS_TOKEN，先启动服务器；Milvus Lite 的文件同时只能由一个进程打开。"
        "也可以设 ASSISTANT_VECTOR_STORE=faiss：向量都在数据库里，不用重新嵌入。",
        "en": "Check ASSISTANT_MILVUS_URI and ASSISTANT_MILVUS_TOKEN and start the server; only one process at a time can open a"
        " file of Milvus Lite. Or set ASSISTANT_VECTOR_STORE=faiss: the vectors are in the database, nothing is embedded again.",
    }


class VectorStoreMissing(VectorStoreDown):
    """The packages that speak to it are not installed; details: provider."""

    kind = "vector_store_missing"
    retryable = False
    texts = {
        "zh": "没有安装 {provider} 需要的程序包。",
        "en": "The packages that {provider} needs are not installed.",
    }
    hints = {
        "zh": "运行 pip install -e '.[milvus]'，或设 ASSISTANT_VECTOR_STORE=faiss。Milvus Lite 的文件只能在 Linux 和 macOS 上用，"
        "Windows 上请填服务器地址。",
        "en": "Run pip install -e '.[milvus]', or set ASSISTANT_VECTOR_STORE=faiss. Files of Milvus Lite work on Linux and macOS"
        " only; on Windows name a server's address.",
    }
