// The configuration file on its way from the disk. `serve` reads it when it starts and when it is told to
// read it again; `config check` reads it without serving.

import Foundation

/// What a configuration is read from.
struct ConfigurationFile: Sendable {
    let path: String
    /// `section.key=value`, each from a `--set`.
    let arguments: [String]

    /// Nobody writes a longer one; a wrong name may be a disk's.
    static let byteCountMax = 1 << 20

    func load() throws(ProgramFailure) -> LoadedConfiguration {
        guard let bytes = Machine.content(of: path, byteCountMax: Self.byteCountMax + 1) else {
            throw ProgramFailure(.fileUnusable, "\(path): the configuration file can't be read")
        }
        guard bytes.count <= Self.byteCountMax, let text = String(validating: bytes, as: UTF8.self) else {
            throw ProgramFailure(.configurationWrong, "\(path): this is no configuration file")
        }
        do throws(ConfigurationFailure) {
            return try ConfigurationReader.load(
                file: text, path: path, environment: ProcessInfo.processInfo.environment,
                arguments: arguments)
        } catch { throw ProgramFailure(.configurationWrong, error.description) }
    }
}
